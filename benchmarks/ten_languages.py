"""Paragraphs in ten languages, written for this benchmark, and how well language identification does on them.

python benchmarks/ten_languages.py
"""

from collections import Counter

from groundup.data.cleaning.language import identify

PARAGRAPHS = {
    "de": [
        "Am frühen Morgen öffnete die Bäckerin ihren Laden, stellte die Stühle vor die Tür und wartete auf die ersten Kunden. Der Duft von frischem Brot zog durch die ganze Straße, und bald standen schon drei Nachbarn vor dem kleinen Fenster und fragten nach den warmen Brötchen.",
        "Wer im Herbst durch den Wald wandert, sollte feste Schuhe tragen und genug Wasser mitnehmen. Die Wege sind oft nass und rutschig, und wenn es dunkel wird, findet man ohne eine gute Lampe kaum zurück zum Dorf. Trotzdem lohnt sich der Ausflug, denn die Farben der Blätter sind zu keiner anderen Zeit so schön.",
        "Der Fahrplan der Regionalbahn wurde im Frühjahr geändert, weil eine Brücke erneuert werden musste. Viele Pendler fahren seitdem mit dem Bus, der allerdings doppelt so lange braucht. Die Stadtverwaltung hat versprochen, dass die Arbeiten noch vor dem Winter abgeschlossen sein werden.",
    ],
    "fr": [
        "Chaque dimanche, mon grand-père sortait ses vieux outils et réparait les bicyclettes de tout le quartier. Les enfants s'asseyaient autour de lui, lui posaient mille questions et repartaient avec des pneus gonflés, des freins neufs et quelques histoires de sa jeunesse au bord de la mer.",
        "La bibliothèque de la ville a fermé ses portes pendant six mois pour des travaux. Quand elle a rouvert, les lecteurs ont découvert de grandes fenêtres, des fauteuils confortables et une salle où l'on peut enfin parler à voix haute sans déranger personne.",
        "Pour réussir une bonne soupe à l'oignon, il faut surtout de la patience : les oignons doivent cuire très lentement, à feu doux, jusqu'à ce qu'ils prennent une belle couleur dorée. On ajoute ensuite le bouillon, un peu de vin blanc, du pain grillé et beaucoup de fromage râpé.",
    ],
    "es": [
        "La señora Carmen vive en el tercer piso y conoce a todos los vecinos del edificio. Por las tardes riega las plantas del patio, da de comer a los gatos y escucha la radio con la ventana abierta, de modo que la música llega hasta la calle donde juegan los niños.",
        "El tren salió con casi una hora de retraso porque había nieve en las vías. Los pasajeros compartieron bocadillos, contaron chistes y al final llegaron a la ciudad como si fueran viejos amigos que regresaban juntos de unas largas vacaciones en la montaña.",
        "Los agricultores del valle esperan la lluvia desde hace semanas. Si no llueve antes de que termine el mes, perderán una buena parte de la cosecha de tomates, y los precios en el mercado subirán otra vez, como ya ocurrió hace dos veranos.",
    ],
    "it": [
        "Quando arriva l'estate, il paese si riempie di gente che torna dalle grandi città per passare qualche settimana con i nonni. Le sere sono lunghe e tranquille, si mangia all'aperto sotto gli alberi e i ragazzi giocano a pallone nella piazza finché qualcuno non li chiama a casa.",
        "Il mio professore di storia diceva sempre che una buona domanda vale più di cento risposte imparate a memoria. All'epoca non lo capivo, ma oggi, dopo tanti anni di lavoro, penso spesso alle sue parole e cerco di ripeterle ai miei studenti.",
        "La strada che porta al rifugio è stata chiusa a causa di una frana caduta durante la notte. I tecnici del comune stanno controllando il versante della montagna e sperano di poter riaprire il passaggio entro la fine della settimana, se il tempo rimane sereno.",
    ],
    "pt": [
        "Na pequena aldeia onde nasci, todas as casas tinham uma porta azul e um banco de pedra à sombra. Ao fim da tarde, os mais velhos sentavam-se lá fora a conversar sobre o mar, as redes e os barcos que ainda não tinham voltado da pesca daquele dia.",
        "A minha irmã começou a aprender violino quando tinha sete anos e nunca mais parou. Hoje toca numa orquestra, viaja por muitos países e, quando volta a casa, ainda pratica durante horas no mesmo quarto pequeno onde deu as primeiras notas desafinadas.",
        "Os técnicos da câmara municipal avisaram que a água vai faltar em algumas ruas durante a manhã de quinta-feira. Os moradores devem guardar água em recipientes limpos e evitar usar as máquinas de lavar até que as obras estejam concluídas.",
    ],
    "nl": [
        "Elke ochtend fietst mijn buurvrouw langs het kanaal naar haar werk, ook als het regent of waait. Ze zegt dat ze onderweg de beste ideeën krijgt en dat ze zonder die frisse lucht de hele dag moe zou zijn, wat haar collega's zonder moeite geloven.",
        "Het oude pakhuis aan de haven wordt omgebouwd tot een school voor muziek en dans. De bewoners van de wijk zijn blij met het plan, maar ze maken zich ook zorgen over het verkeer, want de straten zijn smal en er is nu al te weinig plaats voor auto's.",
        "Toen de kinderen de schuur openmaakten, vonden ze achter een stapel planken een houten kist vol brieven. Hun opa had ze in de oorlog geschreven, en hoewel de inkt bijna verdwenen was, konden ze samen met hun moeder nog veel zinnen lezen.",
    ],
    "pl": [
        "Każdego lata jeździliśmy do babci na wieś, gdzie pomagaliśmy przy zbieraniu jabłek i karmieniu kur. Wieczorami siadaliśmy przy piecu, piliśmy gorące mleko z miodem i słuchaliśmy opowieści o dawnych czasach, kiedy do szkoły szło się przez las.",
        "Most na rzece został zamknięty z powodu remontu, dlatego autobusy jeżdżą teraz inną drogą. Mieszkańcy skarżą się, że podróż trwa dwa razy dłużej, ale urzędnicy obiecują, że wszystkie prace zakończą się jeszcze przed początkiem roku szkolnego.",
        "Mój starszy brat postanowił zostać stolarzem, chociaż rodzice chcieli, żeby studiował prawo. Dzisiaj ma własny warsztat, robi piękne stoły i krzesła, a zamówienia przychodzą do niego nawet z bardzo odległych miast i od zupełnie nieznanych ludzi.",
    ],
    "ru": [
        "Каждое утро старый почтальон проходил через весь город с тяжёлой сумкой на плече. Он знал по имени всех жителей, приносил им письма и газеты, а иногда останавливался у открытого окна, чтобы выпить чашку чая и рассказать последние новости.",
        "Зимой озеро покрывается толстым льдом, и рыбаки выходят на него ещё до рассвета. Они сверлят лунки, садятся на маленькие деревянные ящики и часами ждут, пока рыба клюнет, хотя мороз бывает такой сильный, что замерзают даже ресницы.",
        "Учительница попросила нас написать сочинение о человеке, который изменил нашу жизнь. Почти все рассказали о родителях, а я написал о соседе, который научил меня играть в шахматы и никогда не смеялся над моими ошибками.",
    ],
    "tr": [
        "Küçük kasabamızda herkes pazar günü sabah erkenden kalkar ve çarşıya gider. Taze ekmek, peynir ve zeytin alırlar, sonra çay bahçesinde oturup uzun uzun sohbet ederler. Çocuklar ise ağaçların altında top oynar ve öğlene kadar eve dönmek istemezler.",
        "Dedem gençliğinde bir gemide aşçı olarak çalışmış ve dünyanın birçok limanını görmüş. Akşamları bize o yolculukları anlatırken gözleri parlar, sesi yumuşar, biz de sanki o fırtınalı denizlerde onunla birlikte yolculuk ediyormuş gibi hissederdik.",
        "Belediye, şehir merkezindeki parkın yenilenmesi için yeni bir proje hazırladı. Projeye göre eski ağaçlar korunacak, yürüyüş yolları genişletilecek ve çocuklar için güvenli bir oyun alanı yapılacak. Çalışmaların gelecek bahar bitmesi bekleniyor.",
    ],
    "zh": [
        "我小时候住在一条很窄的街道上，街道两边种满了高大的梧桐树。每到夏天的傍晚，邻居们就会搬出椅子坐在树下乘凉，一边喝茶一边聊天，孩子们则在旁边追逐玩耍，直到月亮升起来才肯回家睡觉。后来这条街道改建了，老邻居们也都搬到了不同的地方，可是我常常在梦里回到那里，听见大人们说话的声音和风吹过树叶的声音，好像一切都没有改变过一样。母亲说，记忆里的家永远不会被拆掉，只要我们还愿意把那些故事讲给下一代听，它就会一直留在我们的心里，温暖着我们走过的每一条路和每一个寒冷的冬天。",
        "图书馆在上个月重新开放了，读者们惊喜地发现里面多了许多新的座位和明亮的窗户。工作人员告诉我们，这次装修花了整整半年的时间，目的是让更多的人愿意走进来，安静地读一本好书。除了纸质的图书以外，这里还增加了电子阅读的设备，老年人如果不会使用，可以请志愿者帮忙。周末的时候还会举办讲座，邀请作家和学者来谈谈他们的作品，参加的人不需要付钱，只要提前报名就可以了。我打算下个星期带着孩子一起去听一场关于古代建筑的讲座，希望他能够因此对历史产生更大的兴趣。",
    ],
}  # fmt: skip


def measure() -> None:
    """Identify every paragraph, and every stretch of at least 200 characters of it, and print the accuracy."""
    total, right, wrong = Counter(), Counter(), Counter()
    for language, paragraphs in PARAGRAPHS.items():
        for text in paragraphs:
            for start in range(0, max(1, len(text) - 199), 10):
                part = text[start : start + 200]
                if len(part) < 200:
                    continue
                found = identify(part)
                total[language] += 1
                right[language] += found == language
                wrong[language, found] += found != language
    print("\nlanguage of stretches of 200 characters:")
    for language in total:
        mistakes = ", ".join(f"{found} {n}" for (given, found), n in wrong.items() if given == language and n)
        print(f"  {language}: {right[language]} of {total[language]}{f' (taken for {mistakes})' if mistakes else ''}")
    print(f"  all: {sum(right.values()) / sum(total.values()):.4f} of {sum(total.values())}")


if __name__ == "__main__":
    measure()
