"""A service of the kind that latchkey replaces: FastAPI, SQLAlchemy on SQLite, JWTs, bcrypt of cost 12."""
import logging

from fastapi import FastAPI

from .database import Base, engine
from .middleware import RateLimitMiddleware, RequestLimitMiddleware
from .routes import router

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
Base.metadata.create_all(bind=engine)

app = FastAPI()
app.add_middleware(RequestLimitMiddleware)
app.add_middleware(RateLimitMiddleware)
app.include_router(router)


@app.get("/health")
async def health():
    return {"status": "ok"}
