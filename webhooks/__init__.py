"""The machines' door: signed webhooks in and out, mail, calendar feed."""
