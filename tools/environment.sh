#!/bin/sh
# Make .venv when it is missing or out of date, then run a command in it:
#
#     sh tools/environment.sh EXTRA... -- COMMAND...
#
# EXTRA names extras of pyproject.toml (book, test, dev). `python` in COMMAND is
# the Python of .venv. Uses uv when it is installed, otherwise venv and pip.
# PYTHON=... names the Python that .venv is made from.
set -eu
CDPATH= cd -- "$(dirname -- "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# --- 1. What leaks in from the outside would decide what is imported ----------
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONOPTIMIZE PYTHONWARNINGS
unset PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV VIRTUAL_ENV UV_PYTHON
unset MPLBACKEND JUPYTER_PATH
unset PYTHONDONTWRITEBYTECODE  # every worker and every notebook would compile everything again
export PYTHONNOUSERSITE=1 PYTHONUTF8=1

# --- 2. The command line ------------------------------------------------------
extras=
while [ $# -gt 0 ]; do
    if [ "$1" = -- ]; then shift; break; fi
    extras="$extras $1"
    shift
done

# --- 3. Find the tools --------------------------------------------------------
suits() {  # a CPython that cnnlab supports; run it, for a name on PATH may be an empty shim
    "$@" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13) and sys.implementation.name == "cpython"))' \
        >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        if suits "$PYTHON"; then printf '%s\n' "$PYTHON"; return; fi
        say "PYTHON=$PYTHON is not a working Python 3.11, 3.12 or 3.13."
        exit 1
    fi
    for name in python3.11 python3.12 python3.13 python3 python; do
        if suits "$name"; then command -v "$name"; return; fi
    done
}

no_python() {
    say "No Python 3.11, 3.12 or 3.13 was found. Install one with"
    say "    Debian, Ubuntu:  sudo apt install python3 python3-venv"
    say "    macOS:           brew install python@3.12"
    say "    Windows:         winget install Python.Python.3.12"
    say "or name one you have:  make book PYTHON=/path/to/python3.12"
    exit 1
}

no_venv() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "Python $version has no working venv module. Install it with"
    say "    Debian, Ubuntu:  sudo apt install python$version-venv"
    say "    elsewhere:       install uv, or another Python 3.11 to 3.13 (PYTHON=/path/to/python)"
    exit 1
}

have_uv() { uv --version >/dev/null 2>&1; }

venv_python() {  # its place differs on Windows
    for place in .venv/bin/python .venv/Scripts/python.exe; do
        if [ -x "$place" ]; then printf '%s\n' "$place"; return; fi
    done
}

# --- 4. Make .venv ------------------------------------------------------------
python=$(venv_python)
if [ -z "$python" ] || ! suits "$python"; then
    base=$(find_python)
    if [ -e .venv ]; then
        say "Replacing .venv: its Python does not run, or is none of 3.11 to 3.13."
        rm -rf .venv
    fi
    if have_uv; then
        say "Making .venv with uv${base:+ from $base} ..."
        uv venv --quiet --no-project --python "${base:->=3.11,<3.14}" .venv || { rm -rf .venv; no_python; }
    else
        [ -n "$base" ] || no_python
        "$base" -c 'import ensurepip, venv' 2>/dev/null || no_venv "$base"
        say "Making .venv from $base ..."
        "$base" -m venv .venv || { rm -rf .venv; no_venv "$base"; }
    fi
    python=$(venv_python)
fi

# --- 5. Install, when something changed since the last time -------------------
stamp=.venv/cnnlab-installed
fingerprint=$({ pwd; cat pyproject.toml constraints.txt; } | cksum)
installed=
if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$fingerprint" ]; then
    installed=$(tail -n 1 "$stamp")
fi
missing=
for extra in $extras; do
    case " $installed " in *" $extra "*) ;; *) missing="$missing $extra" ;; esac
done

install() {
    what=".[$(printf '%s' "$*" | tr -s ' ' ',')]"
    if have_uv; then
        uv pip install --python "$python" -c constraints.txt -e "$what" && return
        say "uv could not install; trying pip ..."
    fi
    "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null
    # To compile every module of every package would take half of the time; Python compiles those
    # that are imported, once.
    "$python" -m pip install --no-compile --disable-pip-version-check -c constraints.txt -e "$what"
}

if [ -n "$missing" ] || [ -z "$installed" ]; then
    say "Installing into .venv:$installed$missing (a few minutes the first time) ..."
    rm -f "$stamp"
    # shellcheck disable=SC2086
    if ! install $installed $missing; then
        say "Installing failed; the reason is above. Run the command again to try once more."
        exit 1
    fi
    # Done now, because the first import of matplotlib announces its font cache
    # on stderr, in the middle of a notebook.
    MPLCONFIGDIR=$PWD/.venv/matplotlib "$python" -c 'import matplotlib.font_manager' 2>/dev/null
    # shellcheck disable=SC2086
    { printf '%s\n' "$fingerprint"; echo $installed $missing; } >"$stamp"
fi

# --- 6. Run the command -------------------------------------------------------
[ $# -gt 0 ] || exit 0
PATH=$PWD/$(dirname -- "$python"):$PATH
export PATH
# The notebooks run in this environment, whatever kernels and settings the user has.
export JUPYTER_PREFER_ENV_PATH=1 JUPYTER_PLATFORM_DIRS=1 PYDEVD_DISABLE_FILE_VALIDATION=1
export IPYTHONDIR="$PWD/.venv/ipython" MPLCONFIGDIR="$PWD/.venv/matplotlib"
mkdir -p "$IPYTHONDIR/profile_default"
# Kernels on this machine only: no remark about unencrypted connections per notebook.
echo 'c.IPKernelApp.log_level = "ERROR"' >"$IPYTHONDIR/profile_default/ipython_kernel_config.py"
exec "$@"
