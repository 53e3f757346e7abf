import { Select } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { useMe } from "@/api/me";

/** Narrows every page to one project; kept in the address, so a link shows the same. */
export function ProjectFilter() {
  const { projects } = useMe();
  const { project } = useSearch({ from: "/shell" });
  const navigate = useNavigate();
  return (
    <Select
      aria-label="Project"
      placeholder="All projects"
      w={{ base: 130, sm: 190 }}
      data={projects.map(({ id, name }) => ({ value: String(id), label: name }))}
      value={project ? String(project) : null}
      onChange={(value) =>
        void navigate({
          to: ".",
          search: (search) => ({ ...search, project: value ? Number(value) : undefined }),
        })
      }
      clearable
      searchable={projects.length > 8}
      comboboxProps={{ shadow: "md" }}
    />
  );
}
