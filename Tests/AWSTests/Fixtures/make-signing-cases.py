"""Makes signing-cases.json: requests at random, signed by botocore, the referee of our signer.

Run with any botocore: python3 make-signing-cases.py > signing-cases.json
The seed is fixed, so that the same botocore gives the same file.
"""

import datetime
import json
import random

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

RANDOM = random.Random(20150830)
PIECES = [
    "a",
    "Z",
    "0",
    "-",
    "_",
    ".",
    "~",
    " ",
    "  ",
    "+",
    "%",
    "%20",
    "/",
    "//",
    "..",
    "/./",
    "/../",
    "&",
    "=",
    "?",
    "#",
    "'",
    "(",
    ")",
    "*",
    "!",
    "@",
    ":",
    ",",
    ";",
    "$",
    '"',
    "<",
    ">",
    "[",
    "]",
    "|",
    "\\",
    "^",
    "`",
    "{",
    "}",
    "ä",
    "ß",
    "日本",
    "é",
    "🎬",
    "frame_0001.png",
    "\t",
    "\n",
    "\u00a0",
]
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-4"]


def text(length):
    return "".join(RANDOM.choice(PIECES) for _ in range(RANDOM.randint(0, length)))


def case(service):
    region = RANDOM.choice(REGIONS)
    time = datetime.datetime.fromtimestamp(RANDOM.randint(0, 4_000_000_000), datetime.timezone.utc)
    token = RANDOM.choice([None, "".join(RANDOM.choice("abc123/+=") for _ in range(80))])
    secret = "".join(RANDOM.choice("abcXYZ019/+") for _ in range(40))
    host = RANDOM.choice(
        ["bucket.s3.us-east-1.amazonaws.com", "127.0.0.1:4566", "example.com:443", "example.com:80"]
    )
    scheme = RANDOM.choice(["http", "https"])
    # Only S3 has paths of the user's making.
    key = text(8) if service == "s3" else ""
    query = [[text(3) or "q", text(4)] for _ in range(RANDOM.randint(0, 4))]
    if query and RANDOM.random() < 0.4:
        query.append([query[0][0], text(2)])
        query.append([query[0][0], ""])
    headers = {}
    if RANDOM.random() < 0.6:
        headers["Content-Type"] = RANDOM.choice(
            ["application/x-amz-json-1.0", "image/png", " text/plain ;  charset=utf-8 "]
        )
    for name in [
        "X-Amz-Meta-Frames",
        "x-amz-meta-B",
        "Range",
        "If-Match",
        "X-Amz-Target",
        "User-Agent",
        "Expect",
    ]:
        if RANDOM.random() < 0.3:
            headers[name] = RANDOM.choice(
                ["1-10", "  two   blanks  ", "bytes=0-99", '"0123"', "a,b", "x"]
            )
    body = "".join(RANDOM.choice(PIECES) for _ in range(RANDOM.randint(0, 12))).encode()

    url = f"{scheme}://{host}/" + percent_encode(key, safe="/~")
    if query:
        url += "?" + "&".join(
            f"{percent_encode(name, safe='~')}={percent_encode(value, safe='~')}"
            for name, value in query
        )
    request = AWSRequest(
        method=RANDOM.choice(["GET", "PUT", "POST", "HEAD", "DELETE"]),
        url=url,
        headers=headers,
        data=body,
    )
    signer = {"s3": botocore.auth.S3SigV4Auth}.get(service, botocore.auth.SigV4Auth)
    botocore.auth.get_current_datetime = lambda: time
    signer(Credentials("AKIDEXAMPLE", secret, token), service, region).add_auth(request)
    return {
        "service": service,
        "region": region,
        "milliseconds": int(time.timestamp()) * 1000,
        "secret": secret,
        "token": token,
        "method": request.method,
        "origin": f"{scheme}://{host}/",
        "key": key,
        "query": query,
        "url": url,
        "headers": [[name, value] for name, value in headers.items()],
        "body": body.decode(),
        "authorization": request.headers["Authorization"],
    }


def main():
    cases = [case(RANDOM.choice(["s3", "s3", "sqs", "dynamodb", "ec2"])) for _ in range(300)]
    print(
        json.dumps(
            {"botocore": botocore.__version__, "cases": cases}, indent=None, separators=(",", ":")
        ).replace('{"service"', '\n{"service"')
    )


main()
