import semver from 'semver'
import type { ReleaseTree } from './tree.js'

/** Why this tree is not released as `version`, a sentence each that says what to do; none where it may be. */
export const refusalsOf = (tree: ReleaseTree, version: string): string[] => {
  const versions = tree.versions()
  const [current = ''] = versions.values()
  const different = [...versions].filter(([, other]) => other !== current)
  const isTagged = tree.hasTag(`v${version}`)
  const refusals: [boolean, string][] = [
    [
      semver.valid(version) !== version,
      `"${version}" is no semantic version; write --version 1.2.3.`,
    ],
    [
      semver.valid(version) === version && semver.lt(version, current),
      `${version} is older than ${current}, which the packages have; name a newer one.`,
    ],
    [isTagged, `v${version} is a tag already; name a newer version.`],
    [tree.branch() !== 'main', `This is the branch ${tree.branch()}; releases are made on main.`],
    [tree.changes() !== '', `The tree is not clean; commit or remove:\n${tree.changes()}`],
    [!tree.hasNews(), 'CHANGELOG.md has nothing under "Unreleased"; write what changes for users.'],
    [
      different.length > 0,
      `The packages do not have one version; uzima-realtime has ${current}, ` +
        `${different.map(([name, other]) => `${name} has ${other}`).join(', ')}.`,
    ],
  ]
  return refusals.filter(([applies]) => applies).map(([, sentence]) => sentence)
}
