"""The model over HTTP: the OpenAI protocol and a web chat, from one process."""
