"""What all forms share: one draft, filled by whatever is said, asked for one thing at a time.

Rasa runs validate_<form> after each message while the form is active. It takes what the message
says into the draft, and fills the form's slots as far as the draft is sure; Rasa then asks for the
next one by action_ask_<slot>. A message about something else is left alone (no slot is set): Rasa
lets the rule of its intent answer, and asks again. A draft's stamp goes out in every button and
comes back with the tap: it is another one as soon as the draft says something else, so that an old
button does nothing, and one tapped often writes once.
"""
