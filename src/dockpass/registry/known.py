"""What is known of token servers: which hosts belong to a registry, and which domains belong to many people.

Both tables are about names only, and are looked at before any general rule.
"""

from __future__ import annotations

_PAIRS = {
    "registry-1.docker.io": ("auth.docker.io",),
    "registry.gitlab.com": ("gitlab.com",),
    "registry.digitalocean.com": ("api.digitalocean.com",),
    "nvcr.io": ("authn.nvidia.com",),
    "registry.redhat.io": ("sso.redhat.com",),
    "registry.connect.redhat.com": ("sso.redhat.com",),
}

_SCALEWAY = "api.scaleway.com"

_AMAZON = (
    "amazonaws.com amazonaws.com.cn amazonaws.eu api.aws on.aws awsapprunner.com cloudfront.net elasticbeanstalk.com"
)
_GOOGLE = (
    "appspot.com cloudfunctions.net cloudshell.dev firebaseapp.com googleapis.com googleusercontent.com pkg.dev "
    "run.app web.app"
)
_MICROSOFT = (
    "azure-api.net azurecontainer.io azurecontainerapps.io azurecr.cn azurecr.de azurecr.io azurecr.us azureedge.net "
    "azurefd.net azurestaticapps.net azurewebsites.net cloudapp.azure.com cloudapp.azure.cn cloudapp.net "
    "core.windows.net trafficmanager.net"
)
_OTHER_CLOUDS = (
    "aliyuncs.com alicloudapi.com appdomain.cloud code.run customer-oci.com digitaloceanspaces.com hwclouds-dns.com "
    "linodeobjects.com linodeusercontent.com myhuaweicloud.com myqcloud.com ocir.io ondigitalocean.app "
    "oraclecloud.com oraclecloudapps.com scw.cloud tencentcloudcr.com tencentcs.com tencentyun.com vultrcr.com "
    "vultrobjects.com your-objectstorage.com your-server.de"
)
_REGISTRIES_FOR_MANY = "c8n.io container-registry.com jfrog.io jfrog.info jfrogdev.co mycloudrepo.io"
_HOSTING = (
    "deno.dev fly.dev gitbook.io github.dev github.io githubusercontent.com gitlab.io gitpod.io glitch.me "
    "herokuapp.com hf.space netlify.app northflank.app onrender.com openshiftapps.com pages.dev r2.dev railway.app "
    "repl.co replit.app replit.dev rhcloud.com surge.sh vercel.app workers.dev"
)
_NAMES_FOR_ANYONE = (
    "ddns.net dedyn.io duckdns.org dyndns.org localtest.me lvh.me myqnapcloud.com ngrok-free.app ngrok.app ngrok.dev "
    "ngrok.io nip.io no-ip.org sslip.io synology.me traefik.me trycloudflare.com ts.net xip.io"
)
_SHARED = frozenset(
    f"{_AMAZON} {_GOOGLE} {_MICROSOFT} {_OTHER_CLOUDS} {_REGISTRIES_FOR_MANY} {_HOSTING} {_NAMES_FOR_ANYONE}".split()
)

_METADATA = frozenset(
    (
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "metadata.azure.com",
        "metadata.azure.internal",
        "metadata.tencentyun.com",
        "instance-data",
        "instance-data.ec2.internal",
    )
)


def is_pair(registry: str, host: str) -> bool:
    """Whether ``host`` is known as that of the token server of the registry at the host ``registry``."""
    return host in _PAIRS.get(registry, ()) or _is_scaleway(registry, host) or _is_alibaba(registry, host)


def hosts(registry: str) -> tuple[str, ...]:
    """Which hosts stand in the table for the registry at the host ``registry``.

    Of Alibaba's registries the table knows only what the names of their token servers look like.
    """
    if _is_scaleway(registry, _SCALEWAY):
        return (_SCALEWAY,)
    if _is_alibaba_registry(registry.split(".")):
        return ("dockerauth.REGION.aliyuncs.com",)
    return _PAIRS.get(registry, ())


def is_shared(host: str) -> bool:
    """Whether the domain of ``host`` belongs to many people, so that hosts under it have nothing to do with each other.

    Public suffix libraries take all tenants of most of these domains for one owner.
    """
    labels = host.split(".")
    return any(".".join(labels[start:]) in _SHARED for start in range(len(labels)))


def is_metadata(host: str) -> bool:
    """Whether ``host`` is the name of a cloud's metadata service."""
    return host in _METADATA


def _is_scaleway(registry: str, host: str) -> bool:
    labels = registry.split(".")
    return host == _SCALEWAY and len(labels) == 4 and labels[0] == "rg" and labels[2:] == ["scw", "cloud"]


def _is_alibaba(registry: str, host: str) -> bool:
    # dockerauth.REGION.aliyuncs.com; a region is written cn-hangzhou, and a storage bucket's place oss-cn-hangzhou.
    labels = host.split(".")
    return (
        len(labels) == 4
        and labels[0] in ("dockerauth", "dockerauth-ee", "dockerauth-vpc", "dockerauth-ee-vpc")
        and labels[1][2:3] == "-"
        and labels[2:] == ["aliyuncs", "com"]
        and _is_alibaba_registry(registry.split("."))
    )


def _is_alibaba_registry(labels: list[str]) -> bool:
    if labels[-2:] != ["aliyuncs", "com"]:
        return False
    # registry.REGION.aliyuncs.com, or NAME-registry.REGION.cr.aliyuncs.com
    shared = len(labels) == 4 and labels[0] in ("registry", "registry-vpc", "registry-internal", "registry-intl")
    return shared or (len(labels) == 5 and labels[2] == "cr")
