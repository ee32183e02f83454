"""Talking itself: greetings, help, questions beside others, what is not kept, answers aloud."""
