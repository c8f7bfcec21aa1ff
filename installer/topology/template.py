# SPDX-License-Identifier: GPL-3.0-or-later
"""The little language of the templates: @{a.b} is a value; a line `@for x in a.b`, `@if a.b` or `@if not a.b`
begins a block that a line `@end` ends. A name that is not known is an error, never empty text."""
import re

VALUE = re.compile(r"@\{([a-z0-9_.]+)\}")
BLOCK = re.compile(r"^@(for ([a-z_]+) in|if not|if) ([a-z0-9_.]+)$")


class TemplateError(Exception):
    pass


def look_up(path, scope):
    value = scope
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            raise TemplateError(f"'{path}' is not known")
        value = value[part]
    return value


def fill(text, scope):
    def written(match):
        value = look_up(match[1], scope)
        if isinstance(value, (dict, list)) or value is None:
            raise TemplateError(f"'{match[1]}' is no text")
        return str(value)
    return VALUE.sub(written, text)


def block_end(lines, start):
    depth = 0
    for number in range(start, len(lines)):
        if BLOCK.match(lines[number]):
            depth += 1
        elif lines[number] == "@end":
            depth -= 1
            if depth == 0:
                return number
    raise TemplateError(f"line {start + 1}: '{lines[start]}' has no @end")


def render_lines(lines, scope):
    done, number = [], 0
    while number < len(lines):
        line = lines[number]
        block = BLOCK.match(line)
        if block:
            end = block_end(lines, number)
            inner, value = lines[number + 1:end], look_up(block[3], scope)
            if block[2]:
                for item in value:
                    done += render_lines(inner, {**scope, block[2]: item})
            elif bool(value) != block[1].endswith("not"):
                done += render_lines(inner, scope)
            number = end
        elif line.startswith("@") and not line.startswith("@{"):
            raise TemplateError(f"line {number + 1}: '{line}' is no block")
        else:
            done.append(fill(line, scope))
        number += 1
    return done


def render(text, scope):
    return "\n".join(render_lines(text.splitlines(), scope)) + "\n"
