create table users (
  user_id uuid primary key,
  email text unique not null,
  password_hash text not null,
  first_name text not null,
  last_name text not null,
  created_at timestamp default current_timestamp
);

-- Somebody who was there before; her password is: secret
insert into users (user_id, email, password_hash, first_name, last_name) values (
  '4b0d7c1e-5d0c-4c84-9a59-2f9b9b2f5d11',
  'alice@example.com',
  '$argon2id$v=19$m=19456,t=2,p=1$4AfVrR4midb5oGjl8i4m1w$wzsI84ThhyumsVz5eDJjGgX0bOJaQF/saZjQd4fipbI',
  'Alice',
  'Liddell'
);
