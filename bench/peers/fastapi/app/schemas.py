"""What comes in and goes out."""
import datetime

from pydantic import BaseModel, constr


class Credentials(BaseModel):
    email: constr(min_length=3, max_length=254, regex=r"^[^@\s]+@[^@\s]+$")
    password: constr(min_length=12, max_length=72)


class RefreshRequest(BaseModel):
    refresh_token: str


class TokenPair(BaseModel):
    access_token: str
    refresh_token: str
    token_type: str = "bearer"


class UserOut(BaseModel):
    id: str
    email: str
    is_active: bool
    created_at: datetime.datetime

    class Config:
        orm_mode = True
