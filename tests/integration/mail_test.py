# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts by mail, to a real SMTP server: what arrives, and what happens while nothing can."""
import base64
import contextlib
import email
import email.policy
import pathlib
import shutil
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from monitor import Hook, Monitor, section
from support import Registry, free_port

PASSWORD = "s3cret-of-the-mail-server"


class PostOffice:
    """Takes mails as SMTP servers do (RFC 5321, 3207, 4954). `refusals` are addresses, or "DATA", with the answer that
    they get; with `tls` it goes over to TLS when asked, with `sign_in` nobody sends without."""

    def __init__(self, tls=None, sign_in=False):
        self.port, self.tls, self.sign_in = free_port(), tls, sign_in
        self.mails, self.refusals, self.signed_in = [], {}, []

    def start(self):
        office = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                office.serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def serve(self, connection):
        try:
            with contextlib.ExitStack() as open_ones:
                self.talk(connection, open_ones)
        except (OSError, ssl.SSLError):
            pass  # the other side has gone, or does not trust us

    def talk(self, connection, open_ones):
        lines, secured, known, sender, recipients = connection.makefile("rb"), False, False, "", []

        def say(text):
            connection.sendall(text.encode() + b"\r\n")

        say("220 post office")
        while line := lines.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                say("250-post office")
                if self.tls and not secured:
                    say("250-STARTTLS")
                if self.sign_in and (secured or not self.tls):
                    say("250-AUTH PLAIN")
                say("250 8BITMIME")
            elif verb == "STARTTLS" and self.tls:
                say("220 go on")
                connection = open_ones.enter_context(self.tls.wrap_socket(connection, server_side=True))
                lines, secured = connection.makefile("rb"), True
            elif verb == "AUTH":
                words = rest.split()
                if len(words) == 1:
                    say("334 ")
                    words.append(lines.readline().decode().strip())
                known = base64.b64decode(words[1]) == f"\0monitor\0{PASSWORD}".encode()
                self.signed_in.append((known, secured))
                say("235 welcome" if known else "535 5.7.8 who are you")
            elif verb in ("MAIL", "RCPT") and (self.sign_in and not known or self.tls and not secured):
                say("530 5.7.0 not like this")
            elif verb == "MAIL":
                sender, recipients = rest[rest.index("<") + 1:rest.index(">")], []
                say("250 OK")
            elif verb == "RCPT":
                address = rest[rest.index("<") + 1:rest.index(">")]
                if address not in self.refusals:
                    recipients.append(address)
                say(self.refusals.get(address, "250 OK"))
            elif verb == "DATA" and recipients:
                say("354 go on")
                content = b""
                while (data := lines.readline()) not in (b".\r\n", b""):
                    content += data[1:] if data.startswith(b".") else data
                if "DATA" not in self.refusals:
                    self.mails.append((sender, recipients, email.message_from_bytes(content, policy=email.policy.default), content))
                say(self.refusals.get("DATA", "250 OK"))
            elif verb == "QUIT":
                return say("221 bye")
            else:
                say("250 OK" if verb in ("RSET", "NOOP") else "503 5.5.1 not now")

    def subjects(self):
        return [mail["Subject"] for _, _, mail, _ in list(self.mails)]


class Alerting(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.web = Registry(self.folder / "web" / "data")
        self.web.data.parent.mkdir()
        self.addCleanup(self.web.start().kill)

    def watch(self, mail, hook=None, ca=None, secrets="", statement="web1"):
        topology = 'name = "shop"\n' + section("host", name="h-web", address="127.0.0.1") + section("host", name="h-watch", address="127.0.0.1")
        topology += section("web", name=statement, host="h-web", port=self.web.port)
        topology += section("monitor", name="m1", host="h-watch", interval_ms=200)
        monitor = Monitor(self.folder, topology, hook=hook)
        monitor.config.write_text(monitor.config.read_text().replace("[monitor]\n", f'[monitor]\nca = "{ca}"\n' if ca else "[monitor]\n") + mail)
        with open(monitor.secrets, "a") as file:
            file.write(secrets)
        self.addCleanup(monitor.start().kill)
        self.token = monitor.token()
        monitor.wait_for("web1", None, self.token)
        return monitor

    def mail(self, port, scheme="smtp", host="127.0.0.1", **values):
        values = {"name": "ops", "server": f"{scheme}://{host}:{port}", "from": "monitor@example.org", "to": ["ada@example.org"], **values}
        return section("monitor.mail", **values)

    def receiver(self, monitor, name="ops"):
        return next(one for one in monitor.get("monitor/receivers", self.token)["receivers"] if one["name"] == name)

    def test_an_alert_is_a_thread_of_mails(self):
        with PostOffice() as office:
            monitor = self.watch(self.mail(office.port, to=["ada@example.org", "bob@example.org"]))
            self.web.kill()
            monitor.wait_for("web1", "DOWN", self.token)
            monitor.wait_until(lambda: office.mails)
            self.web.start()
            monitor.wait_for("web1", None, self.token)
            monitor.wait_until(lambda: len(office.mails) >= 2)
            sender, recipients, first, raw = office.mails[0]
            last = office.mails[-1][2]
            self.assertEqual((sender, recipients), ("monitor@example.org", ["ada@example.org", "bob@example.org"]))
            self.assertTrue(first["Subject"].startswith("[critical] web1: web1 "), first["Subject"])
            self.assertTrue(last["Subject"].startswith("[resolved] web1: "), last["Subject"])
            self.assertEqual(first["Auto-Submitted"], "auto-generated")
            self.assertTrue(first["Date"].datetime)
            self.assertEqual(first["References"], last["References"])
            self.assertEqual(first["In-Reply-To"], first["References"])
            self.assertEqual(len({mail["Message-ID"] for _, _, mail, _ in office.mails}), len(office.mails))
            text = first.get_content()
            for words in ("Registry:  shop", "Node:      web1 (web)", "DOWN, critical", "Since:     20", "What helps:", f"Look at it: http://127.0.0.1:{monitor.port}/"):
                self.assertIn(words, text)
            self.assertIn("Over:      ", last.get_content())
            self.assertLessEqual(max(len(line) for line in raw.split(b"\r\n")), 78)
            # The server has it before the monitor has the server's word for it.
            state = monitor.wait_until(lambda: not (found := self.receiver(monitor))["waiting"] and found)
            self.assertEqual((state["kind"], state["failed"]), ("mail", 0))
            print(f"a thread of {len(office.mails)} mails; the first:\n{raw.decode()}")

    def test_a_server_that_is_down_gets_it_later_and_meanwhile_it_is_seen_to_wait(self):
        office = PostOffice()
        monitor = self.watch(self.mail(office.port))
        self.web.kill()
        monitor.wait_for("web1", "DOWN", self.token)
        state = monitor.wait_until(lambda: (found := self.receiver(monitor))["failed"] and found)
        self.assertEqual((state["waiting"], state["delivered"]), (1, 0))
        self.assertTrue(state["last_problem"], state)
        self.assertTrue(state["oldest_waiting"], state)
        # It waits on disk: also a monitor that was killed brings it.
        monitor.kill()
        monitor.start()
        with office:
            monitor.wait_until(lambda: office.mails)
            monitor.wait_until(lambda: self.receiver(monitor)["waiting"] == 0)

    def test_a_server_that_hangs_delays_no_webhook(self):
        hook = Hook()
        self.addCleanup(hook.stop)
        with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and says nothing
            monitor = self.watch(self.mail(silent.getsockname()[1]), hook=hook)
            self.web.kill()
            monitor.wait_for("web1", "DOWN", self.token)
            begin = time.monotonic()
            monitor.wait_until(lambda: hook.of("web1"))
            print(f"beside a mail server that hangs: on the webhook after {time.monotonic() - begin:.2f} s")
            self.assertLess(time.monotonic() - begin, 5)
            self.assertEqual(self.receiver(monitor)["waiting"], 1)
            begin = time.monotonic()
            self.assertEqual(monitor.stop(), 0)
            self.assertLess(time.monotonic() - begin, 5)  # it is not waited for

    def test_a_letter_that_a_webhook_refuses_for_itself_lets_others_pass_and_the_timeline_tells_of_it(self):
        hook = Hook()
        self.addCleanup(hook.stop)
        hook.refuses = lambda body: body["status"] == "firing"
        monitor = self.watch("", hook=hook)
        self.web.kill()
        monitor.wait_for("web1", "DOWN", self.token)
        monitor.wait_until(lambda: self.receiver(monitor, "hook")["failed"])
        self.web.start()
        monitor.wait_for("web1", None, self.token)
        monitor.wait_until(lambda: hook.of("web1", "resolved"))
        # It counts as delivered when its answer has been read.
        monitor.wait_until(lambda: self.receiver(monitor, "hook")["delivered"])
        self.assertEqual((hook.of("web1"), self.receiver(monitor, "hook")["waiting"]), ([], 1))
        events = monitor.get("monitor/timeline?kind=delivery.", self.token)["items"]
        self.assertEqual([(event["kind"], event["statement"]) for event in events], [("delivery.failed", "hook refuses a letter: 127.0.0.1 answers 400")])

    def test_refused_recipients(self):
        with PostOffice() as office:
            office.refusals = {"gone@example.org": "550 5.1.1 no such mailbox", "ada@example.org": "550 5.7.1 go away"}
            monitor = self.watch(self.mail(office.port, name="some", to=["gone@example.org", "bob@example.org"]) + self.mail(office.port, name="none"))
            self.web.kill()
            monitor.wait_for("web1", "DOWN", self.token)
            monitor.wait_until(lambda: office.mails)
            self.assertEqual(office.mails[0][1], ["bob@example.org"])
            state = monitor.wait_until(lambda: (found := self.receiver(monitor, "some"))["delivered"] and found)
            self.assertIn("gone@example.org is refused: 550 5.1.1 no such mailbox", state["last_problem"])
            state = monitor.wait_until(lambda: (found := self.receiver(monitor, "none"))["failed"] and found)
            self.assertIn("550 5.7.1 go away", state["last_problem"])
            self.assertEqual(state["waiting"], 1)
            office.refusals = {}
            monitor.wait_until(lambda: self.receiver(monitor, "none")["waiting"] == 0)

    def test_a_mail_that_is_refused_for_itself_lets_others_pass(self):
        with PostOffice() as office:
            office.refusals = {"DATA": "554 5.6.0 not this one"}
            monitor = self.watch(self.mail(office.port))
            self.web.kill()
            monitor.wait_for("web1", "DOWN", self.token)
            monitor.wait_until(lambda: self.receiver(monitor)["failed"] >= 1)
            self.web.start()
            monitor.wait_for("web1", None, self.token)
            monitor.wait_until(lambda: self.receiver(monitor)["waiting"] >= 2)
            office.refusals = {}
            monitor.wait_until(lambda: self.receiver(monitor)["waiting"] == 0)
            self.assertTrue(any(subject.startswith("[resolved]") for subject in office.subjects()))
            self.assertTrue(any(subject.startswith("[critical]") for subject in office.subjects()))

    def certificate(self, host):
        key, cert = self.folder / "mail.key", self.folder / "mail.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={host}",
                        "-addext", f"subjectAltName=IP:{host}", "-keyout", key, "-out", cert], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context, cert

    def secured(self):
        context, cert = self.certificate("127.0.0.1")
        return PostOffice(tls=context, sign_in=True), cert

    def test_the_password_goes_over_tls_alone(self):
        office, cert = self.secured()
        with office:
            monitor = self.watch(self.mail(office.port, user="monitor", tls="required"), ca=cert, secrets=f'[mail]\nops = "{PASSWORD}"\n')
            self.web.kill()
            monitor.wait_for("web1", "DOWN", self.token)
            monitor.wait_until(lambda: office.mails)
            self.assertTrue(all(good and tls for good, tls in office.signed_in) and office.signed_in, office.signed_in)
        self.assertNotIn(PASSWORD, (monitor.folder / "log").read_text())
        self.assertNotIn(PASSWORD, monitor.call("GET", "/admin/v1/monitor/receivers", self.token).text)

    def test_a_server_that_nobody_trusts_or_without_tls_gets_neither_password_nor_mail(self):
        office, _ = self.secured()
        plain = PostOffice(sign_in=True)
        with office, plain:
            mails = self.mail(office.port, user="monitor", tls="required") + self.mail(plain.port, name="plain", user="monitor", tls="required")
            monitor = self.watch(mails, secrets=f'[mail]\nops = "{PASSWORD}"\nplain = "{PASSWORD}"\n')
            self.web.kill()
            monitor.wait_for("web1", "DOWN", self.token)
            for name in ("ops", "plain"):
                state = monitor.wait_until(lambda: (found := self.receiver(monitor, name))["failed"] and found)
                self.assertEqual(state["delivered"], 0)
                print(f"{name}: {state['last_problem']}")
            self.assertEqual((office.mails, office.signed_in, plain.mails, plain.signed_in), ([], [], [], []))

    def test_a_wrong_configuration_is_told_before_anything_runs(self):
        self.web.kill()
        cases = {"is no mail address": {"to": ["ada\nBcc: eve@example.org"]}, "required or never": {"tls": "maybe"}, "is no address like smtp://": {"server": "mail.example.org"},
                 "has no password": {"user": "monitor"}, "would be sent in the open": {"server": "smtp://mail.example.org:25", "user": "monitor", "tls": "never"}}
        for words, change in cases.items():
            monitor = Monitor(self.folder, 'name = "shop"\n' + section("host", name="h", address="127.0.0.1") + section("monitor", name="m1", host="h"))
            monitor.config.write_text("[monitor]\n" + self.mail(25, **change))
            if "would" in words:
                monitor.secrets.write_text('[mail]\nops = "x"\n')
            with self.assertRaises(AssertionError) as refused:
                monitor.start()
            self.assertIn(words, str(refused.exception))


if __name__ == "__main__":
    unittest.main()
