"""Limits on how often and how much."""
import collections
import threading
import time

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse

from . import config


class RateLimitMiddleware(BaseHTTPMiddleware):
    """Requests of one address in a fixed window."""

    def __init__(self, app):
        super().__init__(app)
        self.lock = threading.Lock()
        self.window = 0
        self.counts = collections.Counter()

    async def dispatch(self, request, call_next):
        address = request.client.host if request.client else "unknown"
        window = int(time.time()) // config.RATE_LIMIT_WINDOW
        with self.lock:
            if window != self.window:
                self.window, self.counts = window, collections.Counter()
            self.counts[address] += 1
            too_many = self.counts[address] > config.RATE_LIMIT_REQUESTS
        if too_many:
            return JSONResponse({"detail": "Too many requests"}, status_code=429)
        return await call_next(request)


class RequestLimitMiddleware(BaseHTTPMiddleware):
    """How large a body may be, and of what type."""

    async def dispatch(self, request, call_next):
        if request.method == "POST":
            if int(request.headers.get("content-length", "0")) > config.MAX_REQUEST_BODY_SIZE:
                return JSONResponse({"detail": "Request too large"}, status_code=413)
            if not request.headers.get("content-type", "").startswith("application/json"):
                return JSONResponse({"detail": "Unsupported media type"}, status_code=415)
        return await call_next(request)
