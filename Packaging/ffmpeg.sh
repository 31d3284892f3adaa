#!/usr/bin/env bash
# Builds ffmpeg and ffprobe from Debian's own sources into .build/static/ffmpeg, with what Core/FFmpeg asks of them and nothing
# else: Debian's own are small, and need two hundred libraries.
#
# OpenSSL, LAME and zlib are linked in, glibc is the platform's. All of it is under the LGPL 2.1 or freer licences. Of what it
# was made stands in .build/static/ffmpeg/sources, for the bill of materials.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix="$PWD/.build/static/ffmpeg"
work="$PWD/.build/ffmpeg-work"

# What makes other programs: they are kept until one of these changes.
recipe=$({
    cat Packaging/ffmpeg.sh Packaging/ffmpeg-hostname.patch Packaging/hypot.c
    dpkg-query -W gcc libc6-dev libssl-dev libmp3lame-dev zlib1g-dev
} | sha256sum)
if [ "$(cat "$prefix/recipe" 2>/dev/null)" = "$recipe" ]; then exit 0; fi
. Packaging/debian.sh
fetch ffmpeg

# The linker takes the first library of a name that it meets: here only the static ones are. The configuration is a part of
# the programs, so that it names no folder but its own neighbours.
mkdir "$work/libraries"
for library in ssl crypto mp3lame z; do
    ln -s "/usr/lib/$(gcc -print-multiarch)/lib$library.a" "$work/libraries/"
done
gcc -O2 -fPIE -fno-builtin -ffunction-sections -c Packaging/hypot.c -o "$work/libraries/hypot.o"

# What is uploaded (Probe.swift), with the pictures that recordings carry, and rows of files and labels for books.
demuxers=aac,flac,matroska,mov,mp3,ogg,wav,image_jpeg_pipe,image_png_pipe,concat,ffmetadata
decoders=aac,alac,flac,mp3float,opus,vorbis,pcm_*,mjpeg,png,bmp,gif
parsers=aac,flac,mpegaudio,opus,vorbis,mjpeg,png
# What is made: sound for models, samples, books and their chapters, covers.
encoders=pcm_s16le,libmp3lame,aac,mjpeg
muxers=pcm_s16le,mp3,ipod,segment,mjpeg,null
# Beside those that the program ffmpeg itself depends on.
filters=aresample,scale,afade
protocols=file,pipe,tcp,tls,http,https

step "ffmpeg and ffprobe: what the shop asks of them, nothing else"
patch=$PWD/Packaging/ffmpeg-hostname.patch
cd "$work"/ffmpeg-*/
quietly patch -p1 -i "$patch"
quietly ./configure --prefix=/opt --extra-version="$(sed 's/.*-//' "$work/sources")" \
    --disable-everything --disable-autodetect --disable-debug --disable-doc --disable-ffplay --disable-avdevice \
    --disable-postproc --enable-small --optflags=-O2 --enable-openssl --enable-libmp3lame --enable-zlib \
    --enable-demuxer="$demuxers" --enable-decoder="$decoders" --enable-parser="$parsers" \
    --enable-encoder="$encoders" --enable-muxer="$muxers" --enable-filter="$filters" --enable-protocol="$protocols" \
    --extra-cflags="-ffunction-sections -fdata-sections" --extra-libs=../libraries/hypot.o \
    --extra-ldflags="-L../libraries -Wl,--gc-sections -Wl,--build-id=none"
if grep -q 'did not match anything' "$work/log"; then
    echo "build.sh: ffmpeg knows a name no longer that Packaging/ffmpeg.sh asks for:" >&2
    grep 'did not match anything' "$work/log" >&2
    exit 1
fi
quietly make -j"$jobs" ffmpeg_g ffprobe_g

rm -rf "$prefix"
mkdir -p "$prefix"
for program in ffmpeg ffprobe; do cp "${program}_g" "$prefix/$program"; done
cp "$work/sources" "$prefix/sources"
cd "$prefix"
rm -rf "$work"
echo "$recipe" >"$prefix/recipe"
