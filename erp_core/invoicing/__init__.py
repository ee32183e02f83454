"""Floor 5: invoices, with lawful numbers, as rows that never change and as PDF."""
