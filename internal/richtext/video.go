package richtext

import (
	"net/url"
	"path"
	"regexp"

	"parley/internal/lazy"

	"golang.org/x/net/html"
)

// player is where the players of the hosts are, by the exact name of the host. A
// page elsewhere on them may lead anywhere.
func player(host string) *regexp.Regexp {
	switch host {
	case "www.youtube.com", "youtube.com", "www.youtube-nocookie.com", "youtube-nocookie.com":
		return youTube()
	case "player.vimeo.com":
		return vimeo()
	case "www.loom.com", "loom.com":
		return loom()
	case "fast.wistia.com", "fast.wistia.net":
		return wistia()
	}
	return nil
}

var (
	youTube = lazy.Regexp(`^/embed/[A-Za-z0-9_-]+$`)
	vimeo   = lazy.Regexp(`^/video/[0-9]{1,20}$`)
	loom    = lazy.Regexp(`^/embed/[A-Za-z0-9]+$`)
	wistia  = lazy.Regexp(`^/embed/iframe/[A-Za-z0-9]+$`)
)

// maxWord is how long the name of a video and the value of a setting are at most, in bytes. Expressions that repeat something so often take their time at each
// start of the program.
const maxWord = 64

// setting tells what the settings of a player may have for a value: a number, a
// language, the id of a list.
var setting = lazy.Regexp(`^[A-Za-z0-9_.-]+$`)

// video writes the player of a video, "" if the host is not known. Nothing of what
// came is passed on but its place, its size and its title: the rest, foremost what
// the player is allowed to do, is ours.
func video(n *html.Node) string {
	u, err := url.Parse(attribute(n, "src"))
	if err != nil || u.Scheme != "https" && u.Scheme != "" || u.User != nil {
		return ""
	}
	// With a port, the host is not one of them.
	form := player(u.Host)
	if form == nil || len(path.Base(u.Path)) > maxWord || !form.MatchString(u.Path) {
		return ""
	}
	settings := url.Values{}
	for _, name := range []string{"h", "start", "end", "t", "list", "rel", "hl", "cc_lang_pref", "dnt", "sid"} {
		if value := u.Query().Get(name); len(value) <= maxWord && setting().MatchString(value) {
			settings.Set(name, value)
		}
	}
	src := url.URL{Scheme: "https", Host: u.Host, Path: u.Path, RawQuery: settings.Encode()}
	return startTag("iframe", "src", src.String(), "title", attribute(n, "title"),
		"width", number(n, "width"), "height", number(n, "height"),
		"sandbox", "allow-scripts allow-same-origin allow-presentation allow-popups",
		"allow", "fullscreen; picture-in-picture; encrypted-media",
		"referrerpolicy", "strict-origin-when-cross-origin", "loading", "lazy", "allowfullscreen", "true") + "</iframe>"
}
