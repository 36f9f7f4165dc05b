"""
Runs a command as a person does, in a shell at a terminal, and ends it as one does: by Ctrl-C, or by closing the window.

    python terminal.py COMMAND WHEN FILES ctrl-c|close      once the command has written WHEN, and the files are there

Prints what stood in the terminal.
"""
import os
import pty
import sys
import time

command, when, files, how = sys.argv[1:]
shell, terminal = pty.fork()
if shell == 0:
    os.execvp("bash", ["bash", "--norc", "-i"])

seen = b""


def read_until(text: str) -> None:
    global seen
    while text.encode() not in seen:
        seen += os.read(terminal, 65536)


os.write(terminal, f"{command}\n".encode())
read_until(when)
while not all(map(os.path.exists, files.split())):
    time.sleep(0.05)
if how == "ctrl-c":
    os.write(terminal, b"\x03")
    read_until("nothing was changed")
    os.write(terminal, b"exit\n")
    os.waitpid(shell, 0)
else:
    os.close(terminal)
    os.waitpid(shell, 0)
sys.stdout.buffer.write(seen)
