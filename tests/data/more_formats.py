# ruff: noqa: E501
"""Small files of the formats that hold text in other files or in markup, made by hand."""

import io
import tarfile
import zipfile

import pyarrow


def zip_of(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def tar_of(members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def arrow_of(rows, *, stream):
    file = io.BytesIO()
    table = pyarrow.table({"id": list(range(len(rows))), "text": rows})
    with (pyarrow.ipc.new_stream if stream else pyarrow.ipc.new_file)(file, table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


def pdf_of(text):
    """One page; the numbers of the table at its end are right."""
    content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 5\n0000000000 65535 f \n" + table + end


def warc_of(*records):
    return b"".join(
        b"WARC/1.0\r\nWARC-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (kind, len(body), body)
        for kind, body in records
    )


EPUB = zip_of(
    {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:c"><rootfiles><rootfile full-path="O/c.opf"/></rootfiles></container>',
        "O/c.opf": '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="b" href="b%20b.xhtml"/>'
        '<item id="a" href="a.xhtml"/></manifest><spine><itemref idref="b"/><itemref idref="a"/></spine></package>',
        "O/a.xhtml": "<html><head><title>t</title></head><body><p>Second.</p></body></html>",
        "O/b b.xhtml": "<html><body><h1>One</h1><p>First.</p></body></html>",
    }
)
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DOCX = zip_of(
    {
        "word/document.xml": f"<w:document {_W}><w:body><w:p><w:r><w:t>One </w:t></w:r><w:r><w:t>paragraph.</w:t></w:r></w:p>"
        "<w:p/><w:p><w:r><w:t>Two</w:t><w:tab/><w:t>cells</w:t></w:r></w:p></w:body></w:document>"
    }
)
MBOX = (
    b"From a@b Mon Jan  1 00:00:00 2024\nSubject: =?utf-8?q?Caf=C3=A9?=\nContent-Type: text/plain; charset=utf-8\n"
    b"Content-Transfer-Encoding: quoted-printable\n\nHello=20there.\n>From me.\n\n"
    b"From c@d Mon Jan  1 00:00:00 2024\nSubject: Two\nContent-Type: text/html\n\n<p>Some <b>bold</b> text.</p>\n"
)
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>He\r\n8\r\nllo.</p>\r\n0\r\n\r\n"
SRT = b"1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Hello</i> there.\r\nSecond line.\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nBye.\r\n"
VTT = b"WEBVTT\n\nNOTE a remark\nof two lines\n\nid\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hello</v>\n\n00:02.000 --> 00:03.000\nHello\nBye\n"
XML = b'<?xml version="1.0" encoding="iso-8859-1"?>\n<a>\n <t>Caf\xe9 &amp; <i>bar</i> one</t>\n <t>Two\n lines</t><t>Three</t>\n</a>'
PDF = pdf_of("Hello from a page.")
EXAMPLES = {
    "a.epub": EPUB,
    "a.docx": DOCX,
    "a.mbox": MBOX,
    "a.warc": warc_of((b"warcinfo", b"x"), (b"response", PAGE), (b"conversion", b"Plain text.")),
    "a.srt": SRT,
    "a.vtt": VTT,
    "a.xml": XML,
    "a.pdf": PDF,
    "a.arrow": arrow_of(["one", "two"], stream=True),
    "a.zip": zip_of({"x/a.txt": "In a zip.", "b.jsonl": '{"text": "Row."}\n{}\n', "c.png": "x", ".d.txt": "hidden"}),
    "a.tar": tar_of({"x/a.txt": b"In a tar.", "b.zip": b"PK", "e.txt": b""}),
}
