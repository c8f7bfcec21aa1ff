# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own certificate authority, made anew with each lab. A production installation brings its own."""
from hosts import run

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    def __init__(self, folder):
        self.folder = folder
        self.key, self.certificate = folder / "authority.key", folder / "authority.pem"

    def make(self):
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        run("openssl", "req", "-x509", *CURVE, "-keyout", self.key, "-out", self.certificate, "-days", "30", "-subj", "/CN=Cheesemonger lab",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")

    def issue(self, name, names, addresses, certificate, key, days=14):
        """Replaces the two files, each whole. `names` and `addresses` are those by which clients reach it."""
        new_certificate, new_key = certificate.with_suffix(".pem.new"), key.with_suffix(".key.new")
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        alternatives = ",".join([*(f"DNS:{one}" for one in names), *(f"IP:{one}" for one in addresses)])
        extensions.write_text(f"subjectAltName={alternatives}\nextendedKeyUsage=serverAuth\n")
        run("openssl", "req", *CURVE, "-keyout", new_key, "-out", request, "-subj", f"/CN={names[0]}")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-days", days, "-extfile", extensions,
            "-out", new_certificate)
        new_key.chmod(0o600)
        new_key.replace(key)
        new_certificate.replace(certificate)
