"""Swedish imperatives that a task's name may begin with."""

IMPERATIVES = frozenset(
    word
    for line in (
        "ange anmäl anpassa ansvara ansök anta använd arkivera arbeta avge avgör avbryt avsluta avstäm avveckla",
        "bedöm begär bekräfta bemanna bered berika beräkna besluta bestäm beställ besvara bevaka bifoga bilda bjud",
        "boka bygg byt dela delta diarieför diskutera distribuera dokumentera dra efterfråga ersätt erbjud",
        "fastställ fatta flytta formulera fyll fråga följ fördela förankra föreslå förbered förvalta genomför ge",
        "godkänn granska grunda gör hantera hitta hämta identifiera implementera informera inför inhämta inled inrätta",
        "inventera jämför justera kalla kartlägg kommentera kommunicera komplettera kontakta kontrollera kvittera",
        "lagra led lista lyft lägg lämna läs lös meddela mät notera nominera ordna ompröva omfördela planera prioritera",
        "prova publicera påbörja påminn rapportera redigera redovisa registrera räkna remittera revidera ring rådgör rätta",
        "samla samordna samråd sammanfatta sammanställ sammanträd samverka sänd säkerställ sätt skapa skicka skriv",
        "starta stäm stäng stöd ställ svara sök ta tacka testa tilldela tillsätt undersök underrätta uppdatera",
        "uppdra upphäv upprätta utarbeta utbilda utforma utred utse utvärdera utveckla verifiera visa vidta välj värdera",
        "yttra återkoppla återlämna återrapportera återställ åtgärda överlämna översätt överväg öppna",
    )
    for word in line.split()
)

ALSO_DONE = frozenset(("lyft", "stöd", "sänd", "möt"))
"""Imperatives that may as well say what has been done: no fault in the name of an end."""
