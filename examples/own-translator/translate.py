"""A translator for kalam: one JSON object per line, many requests at once, answers in any order."""
import json
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

WORDS = {"hello": "مرحبا", "thank": "شكرا", "you": "أنت", "water": "ماء", "book": "كتاب", "is": "هو", "the": "ال"}
speaking = threading.Lock()

def arabic(word):
    return WORDS.get(word.lower()) or "".join(chr(0x0628 + ord(letter) % 19) for letter in word.lower())

def translate(request):  # Put your model here; what it raises becomes the error of this text alone.
    return re.sub(r"[A-Za-z]+", lambda match: arabic(match.group()), request["text"])

def answer(line):
    request = json.loads(line)
    try:
        told = {"text": translate(request), "usage": {"model": "words"}}
    except Exception as error:
        told = {"error": str(error), "retryable": False}
    with speaking:  # No line is torn by another thread's, and none stays in a buffer.
        print(json.dumps({"id": request["id"], **told}), flush=True)

with ThreadPoolExecutor(8) as pool:  # kalam closes the pipe when it needs no more.
    for request_line in sys.stdin:
        pool.submit(answer, request_line)
