#!/bin/sh
# migrations/add.sh NAME: adds an EF Core migration and keeps its files, the model snapshot included, in this folder.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
dotnet tool restore >/dev/null
dotnet ef migrations add "$1" --project src/ExperimentHub.Web --output-dir ../../migrations --namespace ExperimentHub.Migrations
# EF puts the snapshot where its namespace says, not where --output-dir says.
find src -name '*ModelSnapshot.cs' -exec mv {} migrations/ \;
find src -type d -empty -delete
