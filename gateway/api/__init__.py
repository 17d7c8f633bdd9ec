"""The HTTP interface: thin routes over the services, and the words for whoever is outside."""
