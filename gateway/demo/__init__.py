"""
The demonstration: fictional agencies play the report's flows over real HTTP with real keys.

* The cast and the exchanges are data; the player knows none of them by name, and telling is
  a room of its own.
* Each exchange is decided under the policy pack that it names, by a gateway process of its
  own, and has to come out as the scenario says.
* Every agency, person and address is fictional. The municipalities of the report appear as
  policy packs alone.
"""
