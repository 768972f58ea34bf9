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
