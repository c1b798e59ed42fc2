"""`kunskapsflode process messages`: the catalogue of messages as a page, which `docs/messages.md` is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import click

from engine import catalogue
from engine.catalogue import Message, Part
from engine.connectors import CONNECTORS
from web.commands.terminal import as_json, echo_json, example, plain

HEAD = """# Meddelanden

Vad som kommer in från andra system, och vad som lämnas över till dem. Sidan är skriven ur `processes/messages.yaml`
(`kunskapsflode process messages`), som programmet själv läser: det som kommer in prövas mot fälten här innan någon
process får det.

## Hur det går till
**In**: `POST /hooks/<källa>`, signerat (en fil i `processes/sources/` säger vilket meddelande en händelse blir),
eller `POST /api/v1/messages/correlate` med `messageName` och `variables`, eller kommandot `kunskapsflode message`. Det
som inte stämmer får 422 med en mening per fält, och inget har hänt. Samma `webhook-id` en gång till gör ingenting mer.
Ett meddelande som ingen väntar på sparas i 90 dagar.

**Ut**: en överlämning i ett diagram (`camunda:topic`). Regionens profil säger hur den görs (`connectors:`):

| `mode` | vad som händer |
|---|---|
| `manual` | en uppgift för den roll som gör den för hand och skriver kvittensen |
| `mail` | programmet skickar mejlet; bara det som är ett mejl |
| `webhook` | ett annat system blir ombett och svarar med kvittensen |

```yaml
connectors:
  registerInDiary: {mode: webhook, endpoint: "https://diariet.example/in", system: Platina, answerWithin: P2D}
```
`kunskapsflode webhook add https://diariet.example/in --events handover.requested,handover.withdrawn` lägger till
mottagaren och visar hemligheten. Mottagaren får `se.kunskapsflode.handover.requested`: `data.message` och
`data.topic` säger vad som ska göras, `data.inputs` är fälten nedan, `data.receipt` räknar upp kvittensens fält,
`data.answerBy` säger när en person får uppgiften i stället. Händelsens `id` är överlämningens nyckel. Systemet svarar
på `POST /hooks/handovers` (eller på en källa med egen fil):

```json
{"type": "handover.completed",
 "data": {"handover": "<id>", "receipt": {"diaryNumber": "HSN 2026-0123", "performedAt": "2026-02-16"}}}
{"type": "handover.failed", "data": {"handover": "<id>", "reason": "Handlingen går inte att läsa"}}
```
Kvittensen prövas av samma formulär som en person fyller i. Kommer inget svar i tid, eller svaret `handover.failed`,
blir överlämningen en uppgift som säger varför; ett svar som kommer senare gäller så länge uppgiften är öppen. När
ingen längre väntar (avbrutet ärende, gjort för hand, för sent) kommer `se.kunskapsflode.handover.withdrawn`. Ärenden
som pågår behåller den profil de började med."""

TYPES = {
    "text": "text",
    "date": "datum",
    "number": "tal",
    "boolean": "ja eller nej",
    "texts": "texter",
    "rows": "rader",
    "any": "valfritt",
}


@click.command("messages", epilog=example("process messages", "process messages --json"))
@as_json
def process_messages(as_json: bool) -> None:
    """Visa meddelandekatalogen: vad som kommer in, och vad som lämnas över till andra system."""
    known = catalogue.load()
    if as_json:
        echo_json({"in": [*map(plain, known.inbound.values())], "out": [*map(plain, known.outbound.values())]})
        return
    click.echo("\n".join(page()))


def page() -> Iterator[str]:
    """The catalogue as lines of Markdown."""
    known = catalogue.load()
    yield HEAD
    yield "\n## In"
    for message in known.inbound.values():
        yield from _told(message, "från", _reached(message))
    yield "\n## Ut"
    for message in known.outbound.values():
        receipt = ", ".join(f"`{field.id}`" for field in CONNECTORS[message.topic].form)
        yield from _told(message, "till", f"Överlämningen `{message.topic}`. Kvittens: {receipt}.")


def _told(message: Message, way: str, more: str) -> Iterator[str]:
    yield f"\n### {message.id} `{message.name}`\n{message.title}, {way} {message.system}. {more}"
    if message.open:
        yield "\nFälten är de som diagrammets brev använder."
    elif message.fields:
        yield ""
        yield from _table(message.fields)


def _reached(message: Message) -> str:
    whom = f"Nyckel: {message.key}."
    return f"{whom} {message.instead}" if message.instead else f"{whom} Processer: {_listed(message.processes)}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)


def _table(fields: Mapping[str, Part]) -> Iterator[str]:
    yield "| fält | typ | betyder |\n|---|---|---|"
    for name, part in fields.items():
        needed = " (måste finnas)" if part.required else ""
        options = f": {', '.join(part.options)}" if part.options else ""
        yield f"| `{name}` | {TYPES[part.type]} | {part.means}{needed}{options} |"
