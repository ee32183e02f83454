"""The government's portals: e-invoices, e-way bills, GSTR-2B, and when returns are due."""
