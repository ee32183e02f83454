"""The domain of Bahi: an ERP for Indian shops. Knows nothing of Rasa, WhatsApp or HTTP."""
