package oauth

import (
	"net/url"

	"parley/internal/richtext"
)

// The pages are HTML within Go, of which the compiler knows what is escaped:
// html/template calls methods by their names, for which the linker keeps those of
// all types (ADR 0067). An address is a path of ours, with what net/url encodes.
type html = richtext.HTML

// text is how words that are not ours get into a page.
func text(s string) html { return richtext.Escape(s) }

// frame is around every page.
func frame(title, main html) html {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>` + title + ` · Parley</title>
<link rel="stylesheet" href="` + stylePath + `">
</head>
<body>
<main>
` + main + `
</main>
</body>
</html>
`
}

func failureView(message string) html {
	return frame(`That did not work`, `<h1>That did not work</h1>
<p role="alert">`+text(message)+`.</p>`)
}

func signInView(p signInPage) html {
	var app, workspace, provider html
	if p.App != "" {
		app = `<p><strong>` + text(p.App) + `</strong> asks for access to your workspace.</p>`
	}
	if p.Choose {
		workspace = `<p><label for="workspace">Workspace id</label>
<input id="workspace" name="workspace" value="` + text(p.Workspace) + `" autocomplete="organization" autocapitalize="none" spellcheck="false" required></p>`
	}
	if p.Provider {
		provider = providerView(p)
	}
	return frame(`Sign in`, `<h1>Sign in</h1>
`+app+refused(p.Failure)+`
<form method="post" action="`+signInPath+`">
`+next(p.Next)+workspace+`
<p><label for="email">E-mail address</label>
<input id="email" name="email" type="email" value="`+text(p.Email)+`" autocomplete="username" required></p>
<p><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required></p>
<p><button>Sign in</button></p>
</form>
`+provider)
}

// providerView leads to the provider. The workspace has to be known first.
func providerView(p signInPage) html {
	if p.Choose && p.Workspace == "" {
		return `<form method="get" action="` + signInPath + `">
<p><label for="first">Or sign in elsewhere: workspace id</label>
<input id="first" name="workspace" autocapitalize="none" spellcheck="false" required></p>
<p><button class="quiet">Go on</button></p>
</form>`
	}
	return `<p><a href="` + providerPath + `?workspace=` + text(url.QueryEscape(p.Workspace)) + `&amp;next=` + text(url.QueryEscape(p.Next)) + `">Sign in by your provider</a></p>`
}

func codeView(p codePage) html {
	return frame(`Second factor`, `<h1>Second factor</h1>
<p>Type the code that your authenticator shows, or one of your recovery codes.</p>
`+refused(p.Failure)+`
<form method="post" action="`+codePath+`">
`+next(p.Next)+`
<p><label for="code">Code</label>
<input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required></p>
<p><button>Go on</button></p>
</form>`)
}

func consentView(p consentPage) html {
	may := html(`<p>Nothing but learn who you are and which workspace this is.</p>`)
	if len(p.Scopes) > 0 {
		may = "<ul>\n"
		for _, words := range p.Scopes {
			may += `<li>` + text(words) + "</li>\n"
		}
		may += `</ul>`
	}
	var params html
	for _, p := range p.Params {
		params += hidden(p.Name, p.Value) + "\n"
	}
	return frame(`Give access`, `<h1>Give `+text(p.App)+` access?</h1>
<p>You are signed in as `+text(p.Email)+`. If you allow it, <strong>`+text(p.App)+`</strong> may do this in the workspace <strong>`+text(p.Workspace)+`</strong>, in your name:</p>
`+may+`
<p>It stays so until somebody ends it. You will be sent to <strong>`+text(p.Host)+`</strong>.</p>
<form method="post" action="`+authorizePath+`">
`+params+`<p><button name="answer" value="allow">Allow</button>
<button name="answer" value="deny" class="quiet">Deny</button></p>
</form>
<form method="post" action="`+signOutPath+`"><p><button class="quiet">Sign out</button></p></form>`)
}

func accountView(p accountPage) html {
	state := html(`off`)
	if p.TwoFactor {
		state = `on`
	}
	return frame(`Your account`, `<h1>Your account</h1>
<p>`+text(p.Name)+`, `+text(p.Email)+`, in the workspace `+text(p.Workspace)+`.</p>
<p>Two-factor authentication is `+state+`. <a href="`+twoFactorPath+`">Change that</a></p>
<form method="post" action="`+signOutPath+`"><p><button>Sign out</button></p></form>`)
}

func twoFactorView(p twoFactorPage) html {
	form := html(`<p>It is off. With it, signing in takes a code of an authenticator on your phone beside the password.</p>
<form method="post" action="` + twoFactorPath + `"><p><button name="do" value="begin">Set it up</button></p></form>`)
	switch {
	case p.On:
		form = `<p>It is on. To turn it off, type a code of your authenticator or a recovery code.</p>
<form method="post" action="` + twoFactorPath + `">
<p><label for="code">Code</label>
<input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required></p>
<p><button name="do" value="drop">Turn it off</button></p>
</form>`
	case p.Begun:
		form = `<p>Show this image to the authenticator on your phone, <a href="` + text(p.URI) + `">open it there</a>, or type the key. Then type the code that it shows.</p>
<p><img src="` + text(p.Image) + `" alt="The key, as an image for a camera" width="240" height="240"></p>
<p>Key: <code>` + text(p.Secret) + `</code></p>
<p class="uri"><code>` + text(p.URI) + `</code></p>
<form method="post" action="` + twoFactorPath + `">
<p><label for="code">Code</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required></p>
<p><button name="do" value="confirm">Turn it on</button></p>
</form>`
	}
	return frame(`Two-factor authentication`, `<h1>Two-factor authentication</h1>
`+refused(p.Failure)+form+`
<p><a href="`+accountPath+`">Your account</a></p>`)
}

func recoveryView(codes []string) html {
	var list html
	for _, code := range codes {
		list += `<li><code>` + text(code) + "</code></li>\n"
	}
	return frame(`Recovery codes`, `<h1>Two-factor authentication is on</h1>
<p>Keep these codes where you will find them without your phone. Each stands in for it once. They are not shown again.</p>
<ul>
`+list+`</ul>
<p><a href="`+accountPath+`">Your account</a></p>`)
}

// refused says why a form has to be filled in again, if it has.
func refused(why string) html {
	if why == "" {
		return ""
	}
	return `<p role="alert" class="failure">` + text(why) + `.</p>`
}

// next keeps what the page for agreeing was asked with.
func next(params string) html {
	if params == "" {
		return ""
	}
	return hidden("next", params)
}

func hidden(name, value string) html {
	return `<input type="hidden" name="` + text(name) + `" value="` + text(value) + `">`
}
