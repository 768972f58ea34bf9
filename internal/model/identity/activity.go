package identity

import (
	"fmt"

	"parley/internal/model"
)

// did makes an activity of who did it and what, a sentence without its subject.
func did(by *model.Actor, t model.ActivityType, metadata map[string]any, format string, args ...any) model.Activity {
	return model.Activity{Type: t, Admin: by.Admin, IP: by.IP, Metadata: metadata, Description: fmt.Sprintf(format, args...)}
}

func appMetadata(a *App) map[string]any {
	return map[string]any{"app_package": map[string]any{"id": a.ID, "client_id": a.ClientID, "name": a.Name}}
}

// AppSecretRotated is the activity of an app that got another secret.
func AppSecretRotated(by *model.Actor, a *App) model.Activity {
	return did(by, model.AppPackageTokenRegeneration, appMetadata(a), "gave the app %s another secret", a.Name)
}

// AppInstalled is the activity of an app that was given access.
func AppInstalled(by *model.Actor, a *App) model.Activity {
	return did(by, model.AppPackageInstallation, appMetadata(a), "gave the app %s access", a.Name)
}

// AppUninstalled is the activity of an app whose access has ended.
func AppUninstalled(by *model.Actor, a *App) model.Activity {
	return did(by, model.AppPackageUninstallation, appMetadata(a), "ended the access of the app %s", a.Name)
}

// AppDeleted is the activity of an app that is no more.
func AppDeleted(by *model.Actor, a *App) model.Activity {
	return did(by, model.AppPackageUninstallation, appMetadata(a), "deleted the app %s", a.Name)
}

func adminMetadata(a *model.Admin) map[string]any {
	return map[string]any{"admin": map[string]any{"id": a.ID, "name": a.Name, "email": a.Email}}
}

// SignedIn is the activity of an admin who signed in, by a way: a password or the
// name of a provider.
func SignedIn(by *model.Actor, way string) model.Activity {
	return did(by, model.AdminLoginSuccess, map[string]any{"sign_in_method": way}, "signed in")
}

// SignInFailed is the activity of somebody who tried to sign in as an admin.
func SignInFailed(by *model.Actor, way string) model.Activity {
	return did(by, model.AdminLoginFailure, map[string]any{"sign_in_method": way}, "failed to sign in")
}

// SignedOut is the activity of an admin who signed out.
func SignedOut(by *model.Actor) model.Activity {
	return did(by, model.AdminLogout, map[string]any{}, "signed out")
}

// PasswordSet is the activity of an admin who got another password.
func PasswordSet(by *model.Actor, a *model.Admin) model.Activity {
	if by.Admin == a.ID {
		return did(by, model.AdminPasswordResetSuccess, adminMetadata(a), "set a password")
	}
	return did(by, model.AdminPasswordResetSuccess, adminMetadata(a), "set the password of %s", a.Name)
}

// TwoFactorChanged is the activity of two-factor authentication that was turned on
// or off for an admin.
func TwoFactorChanged(by *model.Actor, a *model.Admin, on bool) model.Activity {
	metadata := adminMetadata(a)
	metadata["two_factor_auth"] = on
	state := "off"
	if on {
		state = "on"
	}
	if by.Admin == a.ID {
		return did(by, model.AdminTwoFactorAuthChange, metadata, "turned two-factor authentication %s", state)
	}
	return did(by, model.AdminTwoFactorAuthChange, metadata, "turned two-factor authentication %s for %s", state, a.Name)
}
