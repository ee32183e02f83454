"""What Bahi does when Rasa says what was meant: slots to a command or query, facts to a response.

No word that a user reads stands here (domain.yml holds them), no SQL, and no rule of the business.
"""
