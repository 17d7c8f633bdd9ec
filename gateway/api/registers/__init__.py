"""Routes of the registers."""

from fastapi import APIRouter

__all__ = ["routers"]

routers: tuple[APIRouter, ...] = ()
