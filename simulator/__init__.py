"""WhatsApp on your desk: the other side of the Cloud API, with a phone-like page."""
