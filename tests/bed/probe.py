"""Asks addresses over HTTP, all at once, and prints what came of each as JSON. Sent to a guest by stdin.

python3 - SECONDS URL…        prints {URL: "IAM …" | "refused" | "unreachable" | "timeout" | another fault}
"""

import http.client
import json
import sys
import threading
import urllib.parse

REFUSALS = {"ConnectionRefusedError": "refused", "ConnectionResetError": "refused", "TimeoutError": "timeout"}


def ask(url, seconds):
    target = urllib.parse.urlsplit(url)
    host = urllib.parse.unquote(target.hostname)
    connection = http.client.HTTPConnection(host, target.port or 80, timeout=seconds)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read(100).decode().strip()
    except PermissionError:
        return "refused"
    except OSError as error:
        if error.errno in (101, 113):
            return "refused" if error.errno == 113 else "no route"
        return REFUSALS.get(type(error).__name__, repr(error))
    finally:
        connection.close()


def main(seconds, *urls):
    told = {}
    threads = [threading.Thread(target=lambda u=url: told.update({u: ask(u, float(seconds))})) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(told))


main(*sys.argv[1:])
