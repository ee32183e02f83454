"""Shops to try Bahi with, and a year of their trade."""
