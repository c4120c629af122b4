"""bcrypt of cost 12 alone: one thread a core, checking without a pause for SECONDS. Prints hashes a second."""
import os
import threading
import time

import bcrypt

seconds = float(os.environ["SECONDS"])
password = b"correct horse battery staple 41"
stored = bcrypt.hashpw(password, bcrypt.gensalt(12))
rates = []


def check():
    started = time.monotonic()
    count = 0
    while time.monotonic() - started < seconds:
        bcrypt.checkpw(password, stored)
        count += 1
    rates.append(count / (time.monotonic() - started))


threads = [threading.Thread(target=check) for _ in os.sched_getaffinity(0)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(rates))
