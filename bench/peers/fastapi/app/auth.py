"""Passwords and tokens."""
import datetime
import hashlib
import uuid
from typing import Optional

import bcrypt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jose import JWTError, jwt
from sqlalchemy.orm import Session

from . import config
from .database import RefreshToken, User, get_db

bearer = HTTPBearer(auto_error=False)


def hash_password(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(config.BCRYPT_COST)).decode()


def verify_password(password: str, hashed: str) -> bool:
    return bcrypt.checkpw(password.encode(), hashed.encode())


def _encode(user: User, kind: str, secret: str, lifetime: datetime.timedelta) -> str:
    now = datetime.datetime.utcnow()
    claims = {
        "sub": user.id,
        "type": kind,
        "iat": now,
        "exp": now + lifetime,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, secret, algorithm=config.ALGORITHM)


def create_access_token(user: User) -> str:
    lifetime = datetime.timedelta(minutes=config.ACCESS_TOKEN_EXPIRE_MINUTES)
    return _encode(user, "access", config.JWT_SECRET_KEY, lifetime)


def create_refresh_token(user: User) -> str:
    lifetime = datetime.timedelta(days=config.REFRESH_TOKEN_EXPIRE_DAYS)
    return _encode(user, "refresh", config.JWT_REFRESH_SECRET_KEY, lifetime)


def decode(token: str, kind: str, secret: str) -> dict:
    """The claims. A token of the other kind is refused like a forged one."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[config.ALGORITHM],
            options={"leeway": config.CLOCK_SKEW_SECONDS},
        )
    except JWTError:
        raise HTTPException(status_code=401, detail="Invalid token")
    if claims.get("type") != kind:
        raise HTTPException(status_code=401, detail="Invalid token")
    return claims


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def keep(db: Session, token: str, user: User) -> None:
    lifetime = datetime.timedelta(days=config.REFRESH_TOKEN_EXPIRE_DAYS)
    expires_at = datetime.datetime.utcnow() + lifetime
    db.add(RefreshToken(jti_hash=hash_of(token), user_id=user.id, expires_at=expires_at))


def spend(db: Session, token: str) -> bool:
    """Of many who send the same token, one is let through."""
    query = db.query(RefreshToken).filter(RefreshToken.jti_hash == hash_of(token))
    return query.delete(synchronize_session=False) == 1


def active_user(db: Session, user_id: Optional[str]) -> User:
    user = db.query(User).filter(User.id == user_id).first()
    if user is None or not user.is_active:
        raise HTTPException(status_code=401, detail="Invalid token")
    return user


def get_current_user(
    credentials: Optional[HTTPAuthorizationCredentials] = Depends(bearer),
    db: Session = Depends(get_db),
) -> User:
    if credentials is None:
        raise HTTPException(status_code=401, detail="Not authenticated")
    claims = decode(credentials.credentials, "access", config.JWT_SECRET_KEY)
    return active_user(db, claims.get("sub"))
