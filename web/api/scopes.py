"""What a token may be used for. A scope opens a part of the door; what lies behind it, the person's mandates decide."""

from __future__ import annotations

SCOPES = {
    "processes:read": "läsa processer, deras ritningar och startformulär",
    "processes:deploy": "driftsätta processer",
    "instances:read": "läsa ärenden, deras steg och variabler",
    "instances:write": "starta, avbryta, pausa och återuppta ärenden",
    "tasks:read": "läsa uppgifter, formulär, kommentarer och bilagor",
    "tasks:write": "ta, lämna, tilldela och göra uppgifter; kommentera och bifoga",
    "messages:write": "skicka meddelanden till ärenden",
    "history:read": "läsa och skriva ut historik",
    "incidents:read": "läsa stopp",
    "incidents:write": "försöka igen där ett ärende har stannat",
    "webhooks:read": "läsa utgående webhooks och deras leveranser",
    "webhooks:write": "lägga till, ta bort och sända om utgående webhooks",
}
"""Scope -> what it lets a token do, for the command line and the OpenAPI document."""

PERSONAL = "me"
"""The scope that every token has: to see whose it is."""
