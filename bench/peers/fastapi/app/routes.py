"""The routes. They are plain functions, so FastAPI runs each in its thread pool."""
import logging

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from . import auth, config
from .database import User, get_db
from .schemas import Credentials, RefreshRequest, TokenPair, UserOut

router = APIRouter(prefix="/auth")
audit = logging.getLogger("audit")
decoy = auth.hash_password("nobody has this password")


def pair_for(user: User) -> TokenPair:
    return TokenPair(
        access_token=auth.create_access_token(user),
        refresh_token=auth.create_refresh_token(user),
    )


def stored_pair_for(db: Session, user: User) -> TokenPair:
    pair = pair_for(user)
    auth.keep(db, pair.refresh_token, user)
    db.commit()
    return pair


@router.post("/register", response_model=TokenPair, status_code=201)
def register(body: Credentials, db: Session = Depends(get_db)):
    user = User(email=body.email.lower(), hashed_password=auth.hash_password(body.password))
    db.add(user)
    try:
        db.commit()
    except IntegrityError:
        raise HTTPException(status_code=409, detail="Already registered")
    audit.info("registered user=%s", user.id)
    return stored_pair_for(db, user)


@router.post("/login", response_model=TokenPair)
def login(body: Credentials, db: Session = Depends(get_db)):
    user = db.query(User).filter(User.email == body.email.lower()).first()
    hashed = user.hashed_password if user else decoy
    if not auth.verify_password(body.password, hashed) or not user or not user.is_active:
        audit.warning("login refused")
        raise HTTPException(status_code=401, detail="Invalid credentials")
    pair = stored_pair_for(db, user)
    audit.info("login user=%s", user.id)
    return pair


@router.post("/refresh", response_model=TokenPair)
def refresh(body: RefreshRequest, db: Session = Depends(get_db)):
    """Rotated and stored: the work that latchkey does."""
    claims = auth.decode(body.refresh_token, "refresh", config.JWT_REFRESH_SECRET_KEY)
    user = auth.active_user(db, claims.get("sub"))
    if not auth.spend(db, body.refresh_token):
        raise HTTPException(status_code=401, detail="Invalid token")
    pair = stored_pair_for(db, user)
    audit.info("refreshed user=%s", user.id)
    return pair


@router.post("/refresh-unstored", response_model=TokenPair)
def refresh_unstored(body: RefreshRequest, db: Session = Depends(get_db)):
    """As the services we replace do it: a new pair for a valid token, and nothing is kept."""
    claims = auth.decode(body.refresh_token, "refresh", config.JWT_REFRESH_SECRET_KEY)
    user = auth.active_user(db, claims.get("sub"))
    audit.info("refreshed user=%s", user.id)
    return pair_for(user)


@router.get("/me", response_model=UserOut)
def me(user: User = Depends(auth.get_current_user)):
    return user
