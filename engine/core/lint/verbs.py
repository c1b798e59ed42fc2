"""Swedish imperatives that a task's name may begin with."""

IMPERATIVES = frozenset(
    word
    for line in (
        "analysera ange anmäl anpassa ansvara ansök anta använd arbeta arkivera avbryt avge avgör avsluta avstäm",
        "avpublicera avveckla bedöm begär bekräfta bemanna bered berika beräkna besluta beställ bestäm besvara bevaka",
        "bifoga bilda bjud boka bygg byt dela delta diarieför diskutera distribuera dokumentera dra",
        "efterfråga erbjud ersätt fastställ fatta flytta formulera fråga fyll följ förankra för förbered fördela",
        "föreslå förvalta ge genomför godkänn granska grunda gör hantera hitta hämta identifiera implementera",
        "informera inför inhämta inled inrätta inventera justera jämför kalla kartlägg kommentera kommunicera",
        "komplettera kontakta kontrollera kvittera lagra led lista länka lyft lägg lämna läs lös meddela mät",
        "nominera notera omfördela ompröva ordna planera prioritera prova publicera påbörja påminn rapportera",
        "redigera redovisa registrera rekrytera remittera revidera ring räkna rätta rådgör samla sammanfatta",
        "sammanställ sammanträd samordna samråd samverka skapa skicka skriv sprid starta studera ställ stäm stäng stöd",
        "svara säkerställ sänd sätt sök ta tacka testa tilldela tillsätt underrätta undersök uppdatera uppdra",
        "upphäv upprätta utarbeta utbilda utforma utred utse utveckla utvärdera verifiera vidta visa välj",
        "värdera yttra återkoppla återlämna återrapportera återställ åtgärda öppna överlämna översätt överväg",
    )
    for word in line.split()
)

ALSO_DONE = frozenset(("lyft", "stöd", "sänd", "möt"))
"""Imperatives that may as well say what has been done: no fault in the name of an end."""
