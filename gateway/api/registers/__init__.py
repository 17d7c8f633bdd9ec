"""Routes of the registers: each reads a form, calls one use case, and answers."""

from fastapi import APIRouter

from gateway.api.registers import (
    agreements,
    arrangements,
    conferences,
    consents,
    declarations,
    directory,
    flags,
    subjects,
)

__all__ = ["routers"]

routers: tuple[APIRouter, ...] = (
    subjects.router,
    consents.router,
    flags.router,
    conferences.router,
    agreements.router,
    arrangements.router,
    declarations.router,
    directory.router,
)
