"""Settings, read from the environment and checked once."""
import os


def _secret(name: str) -> str:
    value = os.environ.get(name, "")
    if len(value) < 32:
        raise RuntimeError(f"{name} must be at least 32 characters")
    return value


JWT_SECRET_KEY = _secret("JWT_SECRET_KEY")
JWT_REFRESH_SECRET_KEY = _secret("JWT_REFRESH_SECRET_KEY")
if JWT_SECRET_KEY == JWT_REFRESH_SECRET_KEY:
    raise RuntimeError("The two secrets must be different")

ALGORITHM = "HS256"
ACCESS_TOKEN_EXPIRE_MINUTES = int(os.environ.get("ACCESS_TOKEN_EXPIRE_MINUTES", "15"))
REFRESH_TOKEN_EXPIRE_DAYS = int(os.environ.get("REFRESH_TOKEN_EXPIRE_DAYS", "7"))
DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite:///./app.db")
MAX_REQUEST_BODY_SIZE = int(os.environ.get("MAX_REQUEST_BODY_SIZE", "10240"))
RATE_LIMIT_REQUESTS = int(os.environ.get("RATE_LIMIT_REQUESTS", "10"))
RATE_LIMIT_WINDOW = int(os.environ.get("RATE_LIMIT_WINDOW", "60"))
CLOCK_SKEW_SECONDS = 10
BCRYPT_COST = 12
