// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/names.h"

#include <algorithm>
#include <array>

namespace cm::pypi {
namespace {

constexpr bool isSeparator(char c)
{
    return c == '-' || c == '_' || c == '.';
}

constexpr bool isAlnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// sys.stdlib_module_names of Python 3 and the modules of Python 2 and 3 that are gone by now,
// normalised, sorted.
// clang-format off
constexpr std::array<std::string_view, 268> stdlibModules{
    "abc", "aifc", "annotationlib", "antigravity", "anydbm", "argparse", "array", "ast", "asynchat", "asyncio",
    "asyncore", "atexit", "audioop", "base64", "basehttpserver", "bdb", "binascii", "binhex", "bisect", "builtins",
    "bz2", "calendar", "cgi", "cgitb", "chunk", "cmath", "cmd", "code", "codecs", "codeop", "collections",
    "colorsys", "compileall", "compression", "concurrent", "configparser", "contextlib", "contextvars", "cookie",
    "cookielib", "copy", "copy-reg", "copyreg", "cpickle", "cprofile", "crypt", "cstringio", "csv", "ctypes",
    "curses", "dataclasses", "datetime", "dbm", "decimal", "difflib", "dircache", "dis", "distutils", "doctest",
    "dummy-thread", "dummy-threading", "email", "encodings", "ensurepip", "enum", "errno", "faulthandler", "fcntl",
    "filecmp", "fileinput", "fnmatch", "formatter", "fractions", "ftplib", "functools", "future-builtins", "gc",
    "genericpath", "getopt", "getpass", "gettext", "glob", "graphlib", "grp", "gzip", "hashlib", "heapq", "hmac",
    "html", "htmllib", "htmlparser", "http", "httplib", "idlelib", "ihooks", "imaplib", "imghdr", "imp",
    "importlib", "imputil", "inspect", "io", "ipaddress", "itertools", "json", "keyword", "lib2to3", "linecache",
    "locale", "logging", "lzma", "macpath", "mailbox", "mailcap", "marshal", "math", "md5", "mhlib", "mimetools",
    "mimetypes", "mimewriter", "mmap", "modulefinder", "msilib", "msvcrt", "multifile", "multiprocessing", "netrc",
    "nis", "nntplib", "nt", "ntpath", "nturl2path", "numbers", "opcode", "operator", "optparse", "os",
    "ossaudiodev", "parser", "pathlib", "pdb", "pickle", "pickletools", "pipes", "pkgutil", "platform", "plistlib",
    "popen2", "poplib", "posix", "posixpath", "pprint", "profile", "pstats", "pty", "pwd", "py-compile", "pyclbr",
    "pydoc", "pydoc-data", "pyexpat", "queue", "quopri", "random", "re", "readline", "repr", "reprlib", "resource",
    "rexec", "rfc822", "rlcompleter", "robotparser", "runpy", "sched", "secrets", "select", "selectors", "sets",
    "sgmllib", "sha", "shelve", "shlex", "shutil", "signal", "site", "smtpd", "smtplib", "sndhdr", "socket",
    "socketserver", "spwd", "sqlite3", "sre-compile", "sre-constants", "sre-parse", "ssl", "stat", "statistics",
    "statvfs", "string", "string-templatelib", "stringio", "stringold", "stringprep", "struct", "subprocess",
    "sunau", "symbol", "symtable", "sys", "sysconfig", "syslog", "tabnanny", "tarfile", "telnetlib", "tempfile",
    "termios", "test", "textwrap", "this", "thread", "threading", "time", "timeit", "tkinter", "toaiff", "token",
    "tokenize", "tomllib", "trace", "traceback", "tracemalloc", "tty", "turtle", "turtledemo", "types", "typing",
    "unicodedata", "unittest", "urllib", "urllib2", "urlparse", "user", "userdict", "userlist", "userstring", "uu",
    "uuid", "venv", "warnings", "wave", "weakref", "webbrowser", "whichdb", "winreg", "winsound", "wsgiref",
    "xdrlib", "xml", "xmlrpc", "xmlrpclib", "zipapp", "zipfile", "zipimport", "zlib", "zoneinfo"};
// clang-format on
static_assert(std::ranges::is_sorted(stdlibModules));

}  // namespace

void appendNormalizedName(std::string &out, std::string_view name)
{
    bool inRun = false;
    for (const char c : name) {
        if (isSeparator(c)) {
            if (!inRun)
                out.push_back('-');
            inRun = true;
            continue;
        }
        inRun = false;
        out.push_back(lower(c));
    }
}

std::string normalizeName(std::string_view name)
{
    std::string out;
    out.reserve(name.size());
    appendNormalizedName(out, name);
    return out;
}

bool isNormalizedName(std::string_view name) noexcept
{
    char before = 0;
    for (const char c : name) {
        if (c == '_' || c == '.' || c != lower(c) || (c == '-' && before == '-'))
            return false;
        before = c;
    }
    return true;
}

bool isValidName(std::string_view name) noexcept
{
    return !name.empty() && isAlnum(name.front()) && isAlnum(name.back()) &&
           std::ranges::all_of(name, [](char c) { return isAlnum(c) || isSeparator(c); });
}

std::string ultranormalize(std::string_view name)
{
    std::string out;
    out.reserve(name.size());
    for (const char c : name) {
        if (isSeparator(c))
            continue;
        const char small = lower(c);
        if (small == 'l' || small == 'i')
            out.push_back('1');
        else if (small == 'o')
            out.push_back('0');
        else
            out.push_back(small);
    }
    return out;
}

bool isStdlibModule(std::string_view name)
{
    return std::ranges::binary_search(stdlibModules, std::string_view(normalizeName(name)));
}

}  // namespace cm::pypi
