# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of documentation share: archives, honest and hostile, and a reader of its origin."""
import http.client
import io
import stat
import urllib.parse
import uuid
import zipfile

from support import Answer, basic


def docs_zip(pages, compression=zipfile.ZIP_DEFLATED):
    """A zip of {path: text or bytes}; a name may be a ZipInfo."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for path, data in pages.items() if isinstance(pages, dict) else pages:
            archive.writestr(path, data)
    return content.getvalue()


def site(words="Welcome", **more):
    return docs_zip({"index.html": f"<h1>{words}</h1>", "api/index.html": "<h1>API</h1>", "style.css": "h1 { color: navy }",
                     "_static/app.js": "document.title = 'x'", "objects.inv": b"\0inventory", **more})


def special(name, kind, target="index.html"):
    """A link or a device, as Info-ZIP stores them."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return info, target


def symlink(name, target="/etc/passwd"):
    return special(name, stat.S_IFLNK, target)


def doc_form(content, order=(":action", "name", "version", "content"), **fields):
    """A multipart body as setuptools' upload_docs sends it, in any order."""
    fields = {":action": "doc_upload", **fields}
    boundary = uuid.uuid4().hex
    body = io.BytesIO()
    for key in order:
        if key == "content":
            body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="docs.zip"\r\n\r\n'.encode())
            body.write(content + b"\r\n")
        elif key in fields:
            body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{fields[key]}\r\n'.encode())
    body.write(f"--{boundary}--\r\n".encode())
    return body.getvalue(), f"multipart/form-data; boundary={boundary}"


def send_docs(registry, token, content, timeout=120, **fields):
    body, content_type = doc_form(content, **fields)
    return registry.request("POST", "/legacy/", body, {"Content-Type": content_type, **basic("__token__", token)}, timeout=timeout)


def put_docs(registry, token, project, version, content):
    return registry.request("PUT", f"/admin/v1/projects/{project}/documentation/{version}", content,
                            {"Content-Type": "application/zip"}, token)


class Reader:
    """Of the documentation's own origin, as a registry names it to an admin."""

    def __init__(self, registry, token):
        self.base = registry.call("GET", "/admin/v1/registry", token).json()["documentation"]["url"]
        self.netloc = urllib.parse.urlsplit(self.base).netloc

    def get(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection(self.netloc, timeout=30)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            return Answer(connection.getresponse())
        finally:
            connection.close()
