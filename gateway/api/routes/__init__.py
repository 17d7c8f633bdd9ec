"""
The routes, one module per audience and subject; handlers hold nothing but the call.

Rules live in the services, forms in ``wire.py``, and what is shown in ``answers.py``.
"""
