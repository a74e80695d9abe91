// In place of the table of the package `diacritic`: react-admin searches columns with it, and every browser can do the same.

export default { clean: (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '') };
