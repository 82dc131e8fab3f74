export {
  compilePattern,
  isRepositoryPattern,
  type RepositoryMatcher,
} from '../../registry/repository-pattern.ts';
