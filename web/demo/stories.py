"""The cases of the demo, each told as what people did on which day."""

from __future__ import annotations

from web.demo.steps import (
    approved,
    assessed,
    compiled,
    confirmed,
    consultation,
    drafted,
    fetched,
    published_addition,
    registered,
    staffed,
    submitted,
    triaged,
    viewed,
)
from web.demo.story import Claimed, Done, Message, Paused, Someone, Start, Story, YearBegins

PATHWAY, PROGRAMME, VIP = "VARDFORLOPP_PSV", "NATIONELLT_VARDPROGRAM", "VIP"
YES, YES_BUT = "TILLSTYRKER", "TILLSTYRKER_MED_SYNPUNKTER"

UNREACHED = "kaj"
"""Whose address no longer takes mail."""
ARCHIVE_CLOSES = -3
"""The working day from which the archive takes no more events."""

STORIES: tuple[Story, ...] = (
    Story("DEMO-FONSTER", (fetched(-40), fetched(-20), fetched(-1))),
    Story("DEMO-FORTECKNING", (*confirmed(-33), *confirmed(-15), *confirmed(-2))),
    # Late: the lead should have compiled the answer by the last working day.
    consultation(
        "DEMO-KOL",
        "Vårdförlopp KOL",
        PATHWAY,
        ["LUNG"],
        -38,
        +4,
        triaged(-37, PATHWAY, ["LUNG"], +4, primaryCareConcern=True),
        *staffed(-36, "lo", ["lpoChair@LUNG", "primaryCareRep@LUNG", "headOfUnit@LUNG"], -6),
        viewed(
            -20,
            "pia",
            YES_BUT,
            ("4.2 Spirometri", "Tiderna räcker inte i dag.", "Skriv inom åtta veckor."),
        ),
        viewed(-12, "lo", YES),
        viewed(-7, "vera", YES_BUT, ("6 Uppföljning", "Rehabilitering nämns bara i förbigående.", "")),
    ),
    # In round, one day left: one has answered, two have not.
    consultation(
        "DEMO-LEVNADSVANOR",
        "Nationellt vårdprogram levnadsvanor",
        PROGRAMME,
        ["LEVNADSVANOR"],
        -30,
        +11,
        triaged(-29, PROGRAMME, ["LEVNADSVANOR"], +11, primaryCareConcern=True, municipalConcern=True),
        *staffed(
            -28,
            "leo",
            ["lpoChair@LEVNADSVANOR", "primaryCareRep@LEVNADSVANOR", "municipalContact"],
            +1,
            "Läs särskilt avsnittet om samtal på olika nivåer. Skriv hellre kort än inte alls.",
        ),
        viewed(-9, "prim", YES_BUT, ("3.1 Samtal", "Tidsåtgången är för lågt räknad.", "Räkna med 30 minuter.")),
    ),
    # In round with time left; one recipient was missed and has been added by another.
    consultation(
        "DEMO-ADHD",
        "VIP ADHD",
        VIP,
        ["PSYK"],
        -20,
        +20,
        triaged(-19, VIP, ["PSYK"], +20),
        *staffed(-18, "pelle", ["lpoChair@PSYK", "headOfUnit@PSYK", "primaryCareRep@PSYK"], +10),
        viewed(-5, "pax", YES, forwardTo=[{"person": None, "group": "lpoChair@BARN"}]),
    ),
    # Compiled; the coordinator is to review it.
    consultation(
        "DEMO-STROKE",
        "Vårdförlopp stroke och TIA",
        PATHWAY,
        ["NERV"],
        -40,
        +5,
        triaged(-39, PATHWAY, ["NERV"], +5),
        *staffed(-38, "nour", ["lpoChair@NERV", "headOfUnit@NERV", "lpoChair@REHAB"], -5),
        viewed(-25, "nils", YES),
        viewed(
            -18,
            "hanna",
            YES_BUT,
            ("5.3", "Tidig utskrivning kräver team i hemmet.", "Nämn bemanningen."),
        ),
        viewed(-8, "nour", YES),
        compiled(
            -2,
            "nour",
            YES_BUT,
            "Regionen tillstyrker vårdförloppet. Tidig utskrivning till hemmet förutsätter rehabiliteringsteam, och "
            "bemanningen i glesbygd behöver beskrivas.",
        ),
        Claimed(-1, "Task_ReviewAnswer", "sam"),
    ),
    # Approved; to be submitted today.
    consultation(
        "DEMO-OSTEOPOROS",
        "Vårdförlopp osteoporos",
        PATHWAY,
        ["ENDO"],
        -42,
        +1,
        triaged(-41, PATHWAY, ["ENDO"], +1),
        *staffed(-40, "esa", ["lpoChair@ENDO"], -9),
        viewed(-15, "esa", YES),
        compiled(-5, "esa", YES, "Regionen tillstyrker vårdförloppet utan ändringar. Frakturkedjan är redan införd."),
        approved(-2),
    ),
    # Submitted; waits for a diary number.
    consultation(
        "DEMO-HJARTSVIKT",
        "Vårdförlopp hjärtsvikt",
        PATHWAY,
        ["HJART"],
        -44,
        +6,
        triaged(-43, PATHWAY, ["HJART"], +6),
        *staffed(-42, "tove", ["lpoChair@HJART", "headOfUnit@HJART"], -4),
        viewed(-20, "vera", YES),
        viewed(-14, "tove", YES_BUT, ("2 Utredning", "Provtagning före ekokardiografi bör stå först.", "")),
        compiled(-6, "tove", YES_BUT, "Regionen tillstyrker och föreslår att provtagningen ställs först."),
        approved(-3),
        submitted(-2, "KV-2271"),
    ),
    # Answered from beginning to end.
    consultation(
        "DEMO-PALLIATIV",
        "Nationellt vårdprogram palliativ vård",
        PROGRAMME,
        ["ALDRE"],
        -45,
        -4,
        triaged(-44, PROGRAMME, ["ALDRE"], -4),
        *staffed(-43, "alva", ["lpoChair@ALDRE"], -14),
        viewed(-22, "alva", YES),
        compiled(-12, "alva", YES, "Regionen tillstyrker vårdprogrammet. Det stämmer med arbetssättet i länet."),
        approved(-9),
        submitted(-8, "KV-2190"),
        registered(-7, "RS/1042"),
    ),
    # The region abstains, with its reason.
    consultation(
        "DEMO-VAGLEDNING",
        "Vägledning om digitala vårdmöten",
        "VAGLEDNING",
        ["PRIMARVARD"],
        -16,
        +24,
        triaged(
            -15,
            "VAGLEDNING",
            ["PRIMARVARD"],
            +24,
            respond="NEJ",
            declineReason="Vägledningen ändrar inget i regionens arbetssätt. Sjukvårdsregionen har svarat.",
        ),
    ),
    # Withdrawn by whoever published it, in the middle of the round.
    consultation(
        "DEMO-BARN",
        "Vårdförlopp barn med svår astma",
        PATHWAY,
        ["BARN"],
        -26,
        +15,
        triaged(-25, PATHWAY, ["BARN"], +15),
        *staffed(-24, "bea", ["lpoChair@BARN", "headOfUnit@BARN"], +5),
        Message(-11, "ConsultationWithdrawn", {"externalRef": "DEMO-BARN"}),
    ),
    # Missed: the last day passed while the answer was being compiled.
    consultation(
        "DEMO-TAND",
        "Vårdriktlinje karies hos barn",
        "VARDRIKTLINJE",
        ["TAND"],
        -35,
        -1,
        triaged(-33, "VARDRIKTLINJE", ["TAND"], -1, dentalConcern=True),
        *staffed(-32, "ture", ["lpoChair@TAND"], -11),
    ),
    Story("DEMO-ARET", (YearBegins(-6),)),
    Story("DEMO-BEHOV", (assessed(-45), assessed(-34), assessed(-25), assessed(-15), assessed(-5))),
    # Just in: to be sorted.
    consultation("DEMO-DEMENS", "Vårdförlopp kognitiv svikt", PATHWAY, ["ALDRE", "NERV"], -1, +40),
    # To be sorted, and late.
    consultation(
        "DEMO-SMARTA",
        "Nationellt vårdprogram långvarig smärta",
        PROGRAMME,
        ["REHAB"],
        -5,
        +35,
        Claimed(-4, "Task_Triage", "sam"),
    ),
    # Sorted and paused: waits for word from the national level.
    consultation(
        "DEMO-PSORIASIS",
        "Vårdförlopp psoriasis",
        PATHWAY,
        ["HUD"],
        -3,
        +28,
        triaged(-2, PATHWAY, ["HUD"], +28),
        Paused(-1, "sam", "Den nationella arbetsgruppen har aviserat en ny version. Väntar på besked."),
    ),
    # Two local additions that hold, and one that the chair is to review.
    Story(
        "DEMO-TILLAGG-KOL",
        (
            *drafted(
                -60,
                "lo",
                "pia",
                "LUNG",
                "Kroniskt obstruktiv lungsjukdom",
                "kol",
                "Uppföljning",
                "I länet görs spirometri vid uppföljning på hälsocentral. Stöd att sluta röka bokas samma dag.",
            ),
            *published_addition(-50, "lo", "otto", "https://nkk.example.se/kol#lokalt"),
        ),
    ),
    Story(
        "DEMO-TILLAGG-ADHD",
        (
            *drafted(
                -58,
                "pelle",
                "prim",
                "PSYK",
                "ADHD hos vuxna",
                "adhd-vuxna",
                "Remiss",
                "Frågeformulär och skolhistorik bifogas remissen. Utan dem börjar väntetiden inte räknas.",
            ),
            *published_addition(-48, "pelle", "pax", "https://nkk.example.se/adhd-vuxna#lokalt"),
        ),
    ),
    Story(
        "DEMO-TILLAGG-ASTMA",
        drafted(
            -12,
            "lo",
            "pia",
            "LUNG",
            "Astma hos vuxna",
            "astma-vuxna",
            "Utredning",
            "Reversibilitetstest görs på hälsocentral. Lungmottagningen tar emot efter två försämringar på ett år.",
        ),
    ),
    # A decision on its way: written, and with the director.
    Story(
        "DEMO-LAG-STROKE",
        (
            Start(
                -9,
                "decision-escalation",
                "nour",
                {
                    "title": "Lokal arbetsgrupp stroke, permanent",
                    "decisionType": "LAG_FORMATION",
                    "programAreaId": "NERV",
                    "memoAuthor": Someone("nour"),
                    "scope": "FLERA_VERKSAMHETER",
                    "budget": "INOM_BUDGET",
                    "principal": ["REGION_HSV"],
                },
            ),
            Done(
                -6,
                "Task_WriteDecisionMemo",
                "nour",
                {
                    "situation": "Vårdförloppet stroke och TIA saknar en lokal arbetsgrupp.",
                    "background": "Fyra yrkesgrupper arbetar i dag var för sig med samma patienter.",
                    "assessment": "En permanent grupp ger ett sammanhållet införande och en ägare av uppföljningen.",
                    "recommendation": "Inrätta en permanent lokal arbetsgrupp med fyra yrkesgrupper.",
                    "proposedDecision": "LAG stroke inrättas från nästa månadsskifte.",
                    "scope": "FLERA_VERKSAMHETER",
                    "budget": "INOM_BUDGET",
                    "principal": ["REGION_HSV"],
                },
            ),
        ),
    ),
)
