package model

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"unicode/utf8"
)

// Content types that are told by the bytes themselves.
const (
	typePNG   = "image/png"
	typeJPEG  = "image/jpeg"
	typeGIF   = "image/gif"
	typeWebP  = "image/webp"
	typePDF   = "application/pdf"
	typeText  = "text/plain; charset=utf-8"
	typeBytes = "application/octet-stream"
)

// recognised reports a type whose files begin in a way of their own.
func recognised(contentType string) bool {
	return slices.Contains([]string{typePNG, typeJPEG, typeGIF, typeWebP, typePDF}, contentType)
}

// sniff tells what a file is by how it begins.
func sniff(data []byte) string {
	begins := func(s string) bool { return bytes.HasPrefix(data, []byte(s)) }
	switch {
	case begins("\x89PNG\r\n\x1a\n"):
		return typePNG
	case begins("\xff\xd8\xff"):
		return typeJPEG
	case begins("GIF87a"), begins("GIF89a"):
		return typeGIF
	case begins("RIFF") && len(data) >= 12 && string(data[8:12]) == "WEBP":
		return typeWebP
	case begins("%PDF-"):
		return typePDF
	case utf8.Valid(data) && !bytes.ContainsFunc(data, unprintable):
		return typeText
	default:
		return typeBytes
	}
}

// unprintable reports a control character that no text has.
func unprintable(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' && r != '\x1b'
}

// dimensions reads an image's size from its header, in pixels. It is 0 by 0 for
// what is no image or cannot be read. No pixel is decoded.
func dimensions(contentType string, data []byte) (width, height int64) {
	var read func(io.Reader) (image.Config, error)
	switch contentType {
	case typePNG:
		read = png.DecodeConfig
	case typeJPEG:
		read = jpeg.DecodeConfig
	case typeGIF:
		read = gif.DecodeConfig
	case typeWebP:
		return webPDimensions(data)
	default:
		return 0, 0
	}
	c, err := read(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return 0, 0
	}
	return int64(c.Width), int64(c.Height)
}

// webPDimensions reads the first chunk, of which there are three kinds.
func webPDimensions(data []byte) (width, height int64) {
	const body = 20 // after "RIFF", a size, "WEBP", the chunk's name and its size
	if len(data) < body+10 {
		return 0, 0
	}
	switch chunk := data[body:]; string(data[12:16]) {
	case "VP8 ": // lossy: a frame tag, a start code, 14 bits of each
		if string(chunk[3:6]) != "\x9d\x01\x2a" {
			return 0, 0
		}
		width = int64(binary.LittleEndian.Uint16(chunk[6:]) & 0x3fff)
		height = int64(binary.LittleEndian.Uint16(chunk[8:]) & 0x3fff)
		if width == 0 || height == 0 {
			return 0, 0
		}
		return width, height
	case "VP8L": // lossless: a signature, 14 bits of each, less one
		if chunk[0] != 0x2f {
			return 0, 0
		}
		bits := binary.LittleEndian.Uint32(chunk[1:])
		return int64(bits&0x3fff) + 1, int64(bits>>14&0x3fff) + 1
	case "VP8X": // extended: flags, 24 bits of each, less one
		return int64(uint24(chunk[4:])) + 1, int64(uint24(chunk[7:])) + 1
	default:
		return 0, 0
	}
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }
