"""
Recipes over pyca/cryptography: encodings, trees, commitments, notes, tokens, sealing, keys.

* Pure: no database, no network, no clock; time and randomness enter as arguments or come
  from the operating system's generator.
* Needs ``cryptography``, ``joserfc`` and the standard library alone, so that a member's
  desk can verify and seal without the gateway installed.
* ``verify_…`` raises and returns nothing. No message holds a secret or an input.
"""
