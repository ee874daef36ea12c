# For scripts that use the packages as a stranger does: they source this file in the root of the tree, with the solution to
# pack. Packs what could be built, in a version of its own, and makes a folder outside of the tree, where the packed folder
# is one more feed.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
root=$PWD version=0.1.0-check.$(date +%s) packages=$PWD/artifacts/packages
rm -rf "$packages"
dotnet pack "$1" -c Release --no-build -p:PackageVersion="$version" -o "$packages" -v quiet || exit 1
ls "$packages" | sed -n "s/\.$version\.nupkg$//p"

outside=$(mktemp -d)
trap 'rm -rf "$outside" ~/.nuget/packages/microsoft.ml.kerassequential*/"$version"' EXIT
cat >"$outside/nuget.config" <<XML
<configuration><packageSources><add key="packed" value="$packages" /></packageSources></configuration>
XML

# A package of this tree that was left out when it was packed, of those that standard input names.
left_out() {
  local package
  while read -r package; do
    case $package in
      Microsoft.ML.KerasSequential*) [ -f "$packages/$package.$version.nupkg" ] || { echo "$package"; return; } ;;
    esac
  done
}
