"""Where other systems tell of events: `POST /hooks/{source}`."""
