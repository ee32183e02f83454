"""WhatsApp: gateway, inbox, worker, sender. The parts meet only in Redis, so each may die alone."""
